import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import type { Readable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import type { Dialect } from '../../src/entities/dialect.js'
import type { Ended } from './cli.js'

interface Command {
  args: readonly string[]
  /** All of the environment. */
  env: NodeJS.ProcessEnv
  cwd: string
  input?: string | Buffer
}

interface Kind {
  program: string
  dialect: Dialect
  NODE_OPTIONS: string
}

/** What a host tells when a command has ended. */
interface Result {
  code: number | null
  /** Nothing of it is left running. */
  isAtRest: boolean
}

type Host = ChildProcess & { stdout: Readable; stderr: Readable }

const HOST = fileURLToPath(new URL('warm-program.js', import.meta.url))
/** Behind what a command has printed, on both streams. */
const MARK = '\u0000ended\u0000'

/** They end with the process of the tests, whose files have them one after the other. */
const hosts = new Set<Host>()
const idle = new Map<string, Host[]>()

/**
 * A command of the built program, in a process that others may have run in before it.
 * @param kind of the process: none runs commands of two
 */
export async function runWarm(kind: Kind, command: Command): Promise<Ended> {
  const key = JSON.stringify(kind)
  const resting = (idle.get(key) ?? []).filter((host) => hosts.has(host))
  idle.set(key, resting)
  const host = resting.pop() ?? startHost(kind)
  const said = [readToMark(host, host.stdout), readToMark(host, host.stderr)] as const
  const over = new AbortController()
  const { signal } = over
  const result: Promise<Result> = Promise.race([
    once(host, 'message', { signal }).then(([message]) => message),
    once(host, 'exit', { signal }).then(([code]) => ({ code, isAtRest: false }))
  ])
  host.send({ ...command, mark: MARK })
  const [stdout, stderr] = await Promise.all(said)
  const { code, isAtRest } = await result
  over.abort()
  if (isAtRest) idle.get(key)?.push(host)
  else host.kill('SIGKILL')
  return { code, stdout, stderr }
}

function startHost({ program, NODE_OPTIONS }: Kind): Host {
  const host = spawn(process.execPath, ['--expose-gc', HOST, program], {
    env: { PATH: process.env.PATH, NODE_OPTIONS },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    serialization: 'advanced'
  }) as Host
  hosts.add(host)
  host.once('exit', () => hosts.delete(host))
  return host
}

/** What is printed from now on up to the mark, or the end of the process. */
function readToMark(host: Host, stream: Readable): Promise<string> {
  stream.setEncoding('utf8')
  return new Promise((resolve) => {
    let text = ''
    const end = () => {
      stream.off('data', read)
      host.off('close', end)
      resolve(text.replace(MARK, ''))
    }
    const read = (chunk: string) => {
      text += chunk
      if (text.endsWith(MARK)) end()
    }
    stream.on('data', read)
    host.once('close', end)
  })
}
