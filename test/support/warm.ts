import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import type { Readable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { afterAll } from 'vitest'
import type { Ended } from './cli.js'

interface Command {
  args: readonly string[]
  /** All of the environment. */
  env: NodeJS.ProcessEnv
  cwd: string
  input?: string | Buffer
}

type Host = ChildProcess & { stdout: Readable; stderr: Readable }

const HOST = fileURLToPath(new URL('warm-program.js', import.meta.url))
/** Behind what a command has printed, on both streams. */
const MARK = '\u0000ended\u0000'

const hosts = new Set<Host>()
const idle = new Map<string, Host[]>()

afterAll(async () => {
  const closed = [...hosts].map((host) => once(host, 'close'))
  for (const host of hosts) host.kill('SIGKILL')
  await Promise.all(closed)
})

/**
 * A command of the built program, in a process that others may have run in before it.
 * @param options NODE_OPTIONS of the process
 */
export async function runWarm(program: string, options: string, command: Command): Promise<Ended> {
  const resting = idle.get(options) ?? []
  idle.set(options, resting)
  const host = resting.pop() ?? startHost(program, options)
  const said = [readToMark(host, host.stdout), readToMark(host, host.stderr)] as const
  const over = new AbortController()
  const { signal } = over
  const code = Promise.race([once(host, 'message', { signal }), once(host, 'exit', { signal })])
  host.send({ ...command, mark: MARK })
  const [stdout, stderr] = await Promise.all(said)
  const ended: Ended = { code: (await code)[0], stdout, stderr }
  over.abort()
  if (hosts.has(host)) resting.push(host)
  return ended
}

function startHost(program: string, options: string): Host {
  const host = spawn(process.execPath, ['--expose-gc', HOST, program], {
    env: { PATH: process.env.PATH, NODE_OPTIONS: options },
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
