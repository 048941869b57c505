import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import type { Dialect } from '../../src/entities/dialect.js'
import { DEMO_CREDENTIALS } from '../../src/simulator/index.js'
import { IMPATIENT, SHIFTED_CLOCK } from './hurried.js'
import { isLong } from './long.js'
import { AS_NOBODY } from './nobody.js'
import { runWarm } from './warm.js'

/** The settings of the program for a simulator, without waits. */
export function simulatorEnvironment(url: string): NodeJS.ProcessEnv {
  return {
    WEBEX_API_URL: url,
    WEBEX_ANALYTICS_URL: url,
    WEBEX_CLIENT_ID: DEMO_CREDENTIALS.clientId,
    WEBEX_CLIENT_SECRET: DEMO_CREDENTIALS.clientSecret,
    WEBEX_REFRESH_TOKEN: DEMO_CREDENTIALS.refreshToken,
    WEBEX_REQUESTS_PER_MINUTE: '0',
    WEBEX_PAGES_PER_MINUTE: '0',
    WEBEX_RETRY_DELAY_MS: '5'
  }
}

export const CLI = fileURLToPath(new URL('../../dist/src/cli.js', import.meta.url))

export const openInput = Symbol('open')

/** Optimised code costs a process that ends within a second more than it gives. */
export const BRIEFLY = ['--no-opt']

export interface Ended {
  /** null when a signal ended it. */
  code: number | null
  stdout: string
  stderr: string
}

export interface Started {
  child: ChildProcess
  ended: Promise<Ended>
}

/**
 * Starts the built program with just these variables, in a folder of the test's.
 * @param input what it finds on standard input; `openInput` where nothing comes and it does not end
 * @param program a copy of it
 */
export function startCli(
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  cwd: string,
  input?: string | Buffer | typeof openInput,
  program = CLI
): Started {
  const { PATH, HOME, TZ } = process.env
  // A test about memory has Node.js as it is, and a long campaign is not over within a second.
  const options = isLong || env.NODE_OPTIONS?.includes('--max-') ? [] : BRIEFLY
  const child = spawn(process.execPath, [...options, program, ...args], {
    cwd,
    env: { PATH, HOME, TZ, ...forStandIn(env), ...env },
    stdio: [input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe']
  }) as ChildProcess & { stdout: Readable; stderr: Readable }
  if (input !== openInput) child.stdin?.end(input)
  let stdout = ''
  let stderr = ''
  child.stdout.on('data', (chunk) => (stdout += chunk))
  child.stderr.on('data', (chunk) => (stderr += chunk))
  const ended = new Promise<Ended>((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code) => resolve({ code, stdout, stderr }))
  })
  return { child, ended }
}

function forStandIn({ DATABASE_URL }: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return DATABASE_URL?.startsWith('mssql:') ? standInEnvironment() : {}
}

/** What the program needs to migrate a server that stands in for SQL Server; nothing where there is none. */
export function standInEnvironment(): NodeJS.ProcessEnv {
  const { TEST_MSSQL_URL } = process.env
  if (!TEST_MSSQL_URL) return {}
  return { TEST_MSSQL_URL, NODE_OPTIONS: `--import ${new URL('stand-in.js', import.meta.url).href}` }
}

/** Of a process in which another command may run after one. */
const REUSABLE = ['', AS_NOBODY.NODE_OPTIONS, IMPATIENT.NODE_OPTIONS, SHIFTED_CLOCK.NODE_OPTIONS]

/**
 * Runs a command of the built program to its end, with just these variables, in a folder of the test's. What is about
 * the process itself starts one by `startCli`; this takes one that has run others before, unless the command needs what
 * Node.js reads as it starts.
 */
export function cli(
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  cwd: string,
  input?: string | Buffer
): Promise<Ended> {
  const { NODE_OPTIONS = '', ...rest } = env
  const dialect = dialectOf(args, env, cwd)
  if (
    !REUSABLE.includes(NODE_OPTIONS) ||
    !dialect ||
    Object.keys(rest).some((name) => name.startsWith('NODE_'))
  ) {
    return startCli(args, env, cwd, input).ended
  }
  const { PATH, HOME, TZ } = process.env
  return runWarm(
    { program: CLI, dialect, NODE_OPTIONS },
    { args, env: { PATH, HOME, TZ, ...rest }, cwd, input }
  )
}

/** A process has one dialect; undefined where it may turn out to be either, or a stand-in is in force. */
function dialectOf(
  args: readonly string[],
  { DATABASE_URL = '' }: NodeJS.ProcessEnv,
  cwd: string
): Dialect | undefined {
  const settings = ['.env', 'webex-cdr.json'].map((name) => textOf(join(cwd, name)))
  if (![DATABASE_URL, ...settings].some((text) => text.includes('mssql:'))) {
    if (!args.some((word) => /^mssql:|^--sql-server/.test(word))) return 'sqlite'
    // There is no other database yet that the command might leave.
    const isFirst = !['webex-cdr.json', 'webex-cdr.db'].some((name) => existsSync(join(cwd, name)))
    return isFirst && !process.env.TEST_MSSQL_URL ? 'mssql' : undefined
  }
  return process.env.TEST_MSSQL_URL || args.some((word) => word.startsWith('--database-url'))
    ? undefined
    : 'mssql'
}

function textOf(path: string): string {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ? readFileSync(path, 'utf8') : ''
}
