import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import { keyringSuite, startKeyring } from '../support/keyring.js'
import { until } from '../support/until.js'
import { strictBench, strictInstallation } from './strict-service.js'

/** null: the signal ended it. */
test.each<[string[], NodeJS.Signals, number | null]>([
  [['setup'], 'SIGINT', 130],
  [['setup', '--check'], 'SIGTERM', 143],
  [['doctor'], 'SIGHUP', null],
  [['sync'], 'SIGINT', 130]
])('%j ended by %s while its refresh token is spent keeps the new one first', async (args, signal, code) => {
  const { start, run, service } = await strictInstallation()
  const open = service.close()
  const { child, ended } = start(args)
  await until(() => service.offered.length === 1)
  child.kill(signal)
  // As npm does with a Ctrl-C, which the terminal has sent already; sync ends at once by its second one.
  if (args[0] !== 'sync') child.kill(signal)
  // So that the signal comes before the answer.
  await sleep(300)
  open()
  expect(await ended).toMatchObject({ code })
  const next = await run(['sync'])
  expect(next.code, next.stderr).toBe(0)
})

test('a second Ctrl-C, which ends a sync at once, waits for that too', async () => {
  const { start, run, service } = await strictInstallation()
  const open = service.close()
  const { child, ended } = start(['sync'])
  await until(() => service.offered.length === 1)
  child.kill('SIGINT')
  // Within a second it would be taken for the first one once more.
  await sleep(1_200)
  child.kill('SIGINT')
  await sleep(300)
  open()
  expect(await ended).toMatchObject({ code: 130 })
  const next = await run(['sync'])
  expect(next.code, next.stderr).toBe(0)
})

test('one that waits for cdr_feed, or for a rate limit, ends at once', async () => {
  const { start, service } = await strictInstallation()
  service.retryAfter = 60
  const limited = start(['doctor'])
  let said = ''
  limited.child.stderr?.on('data', (chunk) => (said += chunk))
  await until(() => said.includes('rate limited'))
  limited.child.kill('SIGINT')
  expect(await limited.ended).toMatchObject({ code: null })

  service.retryAfter = 0
  service.feedStatus = 0
  const asked = start(['doctor'])
  await until(() => service.feeds === 1)
  asked.child.kill('SIGINT')
  expect(await asked.ended).toMatchObject({ code: null })
})

keyringSuite('with the keyring of a desktop, which takes its time,', () => {
  test('the new refresh token is kept first, too', async () => {
    const { start, run, service } = await strictInstallation()
    const keyring = await startKeyring({ unlocked: true })
    onTestFinished(() => keyring.stop())
    const { env } = keyring
    const moved = await run(['credentials', 'move', '--to', 'keyring'], { env })
    expect(moved.code, moved.stderr).toBe(0)
    const open = service.close()
    const { child, ended } = start(['doctor'], env)
    await until(() => service.offered.length === 1)
    child.kill('SIGINT')
    open()
    expect(await ended).toMatchObject({ code: null })
    const next = await run(['sync'], { env })
    expect(next.code, next.stderr).toBe(0)
  }, 60_000)
})

test('setup is ended while it tries the database', async () => {
  const { start, config } = await strictBench()
  const silent = createServer()
  silent.listen(0, '127.0.0.1')
  await once(silent, 'listening')
  onTestFinished(() => void silent.close())
  const connected = once(silent, 'connection')
  const url = `mssql://cdr:pw@127.0.0.1:${(silent.address() as AddressInfo).port}/calls`
  const given = ['--client-id', 'c', '--client-secret', 's', '--refresh-token', 'r', '--store', 'file']
  const { child, ended } = start(['setup', ...given, '--database-url', url])
  const [socket] = await connected
  child.kill('SIGINT')
  expect(await ended).toMatchObject({ code: null })
  socket.destroy()
  expect(config()).toBeUndefined()
})
