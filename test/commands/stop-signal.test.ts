import { spawn } from 'node:child_process'
import { text } from 'node:stream/consumers'
import { expect, test } from 'vitest'

const dist = (path: string) => JSON.stringify(new URL(`../../dist/src/${path}`, import.meta.url).href)

/** A process that never ends by itself, and is told to stop. */
async function stopped(grace: number, before = ''): Promise<{ code: number | null; said: string }> {
  const script = `
    import { stopSignal } from ${dist('commands/stop-signal.js')}
    import { uninterrupted } from ${dist('uninterrupted.js')}
    stopSignal({ warn() {} }, ${grace})
    setInterval(() => {}, 1_000)
    ${before}
    process.kill(process.pid, 'SIGTERM')
  `
  const child = spawn(process.execPath, ['--input-type=module', '--eval', script], {
    stdio: ['ignore', 'pipe', 'inherit']
  })
  const code = new Promise<number | null>((resolve) => child.on('close', resolve))
  return { said: await text(child.stdout), code: await code }
}

test('what does not come to an end after a signal is ended by the process', async () => {
  expect(await stopped(100)).toEqual({ code: 143, said: '' })
})

test('but not in the middle of what must not be interrupted', async () => {
  const keeping = `uninterrupted(() => new Promise((kept) => setTimeout(kept, 500))).then(() => console.log('kept'))`
  expect(await stopped(100, keeping)).toEqual({ code: 143, said: 'kept\n' })
})
