import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { BRIEFLY, CLI } from './cli.js'
import { required } from './desktop.js'

export const hasScript = required('script of util-linux', existsSync('/usr/bin/script'))

/** The program in a pseudo-terminal, by util-linux's `script`. */
export interface Terminal {
  /** All that it has shown, without control sequences. */
  shown(): string
  /** Waits until this is shown behind what was waited for before. */
  sees(text: string): Promise<void>
  type(keys: string): void
  ended: Promise<number | null>
}

export const ENTER = '\r'
export const DOWN = '\u001b[B'

/** In ms. */
const PATIENCE = 20_000

export function inTerminal(args: readonly string[], env: NodeJS.ProcessEnv, cwd: string): Terminal {
  const command = [process.execPath, ...BRIEFLY, CLI, ...args]
    .map((word) => `'${word.replaceAll("'", `'\\''`)}'`)
    .join(' ')
  // A pseudo-terminal begins without a width.
  const wide = `stty cols 120 rows 40; exec ${command}`
  const child = spawn('script', ['--quiet', '--return', '--echo', 'never', '--command', wide, '/dev/null'], {
    cwd,
    env: { PATH: process.env.PATH, HOME: process.env.HOME, TERM: 'xterm', ...env },
    stdio: ['pipe', 'pipe', 'pipe']
  })
  let output = ''
  let seen = 0
  const take = (chunk: Buffer) => {
    output += String(chunk)
  }
  child.stdout.on('data', take)
  child.stderr.on('data', take)
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the terminal's own
  const shown = () => output.replace(/\u001b\[[0-9;?]*[A-Za-z]/g, '')
  const ended = new Promise<number | null>((resolve) => child.on('close', resolve))
  return {
    shown,
    async sees(text) {
      const end = performance.now() + PATIENCE
      for (;;) {
        const at = shown().indexOf(text, seen)
        if (at >= 0) {
          seen = at + text.length
          return
        }
        if (performance.now() > end) throw new Error(`“${text}” was not shown:\n${shown()}`)
        await new Promise((resolve) => setTimeout(resolve, 20))
      }
    },
    type: (keys) => void child.stdin.write(keys),
    ended
  }
}
