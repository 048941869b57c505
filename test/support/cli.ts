import { type ChildProcess, spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'

export const CLI = fileURLToPath(new URL('../../dist/src/cli.js', import.meta.url))

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

/** Starts the built program with just these variables, in a folder of the test's. */
export function startCli(args: readonly string[], env: NodeJS.ProcessEnv, cwd: string): Started {
  const { PATH, HOME, TZ } = process.env
  const child = spawn(process.execPath, [CLI, ...args], {
    cwd,
    env: { PATH, HOME, TZ, ...env },
    stdio: ['ignore', 'pipe', 'pipe']
  })
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

export function cli(args: readonly string[], env: NodeJS.ProcessEnv, cwd: string): Promise<Ended> {
  return startCli(args, env, cwd).ended
}
