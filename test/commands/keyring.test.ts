import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { HURRIED } from '../support/hurried.js'
import { type KeyringOptions, keyringSuite, startKeyring } from '../support/keyring.js'
import { commandBench, SECRET_LINES, SETUP } from './bench.js'

async function bench(options: KeyringOptions) {
  const keyring = await startKeyring(options)
  onTestFinished(() => keyring.stop())
  return { keyring, ...(await commandBench()) }
}

keyringSuite('the commands with the keyring of a desktop', () => {
  test('setup stores there; sync finds it; without the desktop it says what to do, and does as it is told', async () => {
    const { keyring, run, migrate, config, folder } = await bench({ unlocked: true })
    const { env } = keyring
    const done = await run([...SETUP, '--store', 'keyring'], { env, input: SECRET_LINES })
    expect(done.code, done.stderr).toBe(0)
    expect(done.stdout).toMatch(
      /✓ stored in keyring \(Secret Service\), service webex-cdr-[0-9a-f]{8}, verified/
    )
    expect(config()).toMatchObject({ SECRET_STORE: expect.stringMatching(/^keyring:webex-cdr-[0-9a-f]{8}$/) })
    await migrate()
    expect(await run(['sync'], { env })).toMatchObject({ code: 0 })
    expect((await run(['doctor'], { env })).stdout).toMatch(
      /^warning {2}secrets +keyring \(Secret Service\), .*it works in this session, but a cron job .*`npm run credentials -- move --to file`$/m
    )

    // As cron does it.
    const bare = { HOME: undefined, DBUS_SESSION_BUS_ADDRESS: undefined }
    const refused = await run(['sync'], { env: bare })
    expect(refused).toMatchObject({ code: 3, stdout: '' })
    expect(refused.stderr).toMatch(
      /^webex-cdr: client-secret cannot be read from the keyring .*: there is no D-Bus session; .*`npm run credentials -- move --to file`.*`npm run setup -- --store file`\n$/
    )
    expect((await run(['doctor'], { env: bare })).stdout).toMatch(
      /^failure {2}secrets .*there is no D-Bus session/m
    )

    const moved = await run(['credentials', 'move', '--to', 'file'], { env })
    expect(moved.code, moved.stderr).toBe(0)
    expect(config()).toMatchObject({ SECRET_STORE: `file:${join(folder, 'webex-cdr.secrets')}` })
    expect(await run(['sync'], { env: bare })).toMatchObject({ code: 0 })

    // And back, with what the file left behind.
    expect(await run(['credentials', 'move', '--to', 'keyring'], { env })).toMatchObject({ code: 0 })
    expect(readdirSync(folder)).not.toContain('webex-cdr.secrets')
    expect(await run(['sync'], { env })).toMatchObject({ code: 0 })
    // On a machine without a desktop, setup goes the way that the message names.
    const anew = await run([...SETUP, '--store', 'file'], { env: bare, input: SECRET_LINES })
    expect(anew.code, anew.stderr).toBe(0)
    expect(anew.stderr).not.toContain('npm run setup')
    const [, SECRET_STORE] = /`SECRET_STORE=(\S+) npm run credentials -- clear`/.exec(anew.stderr) ?? []
    const cleared = await run(['credentials', 'clear'], { env: { ...env, SECRET_STORE } })
    expect(cleared.stdout, cleared.stderr).toMatch(/^2 removed from keyring/)
    expect(await run(['sync'], { env: bare })).toMatchObject({ code: 0 })
  }, 60_000)

  test('a locked one ends the command with its own exit code', async () => {
    const { keyring, run } = await bench({ unlocked: true })
    const { env } = keyring
    await run([...SETUP, '--store', 'keyring'], { env, input: SECRET_LINES })
    keyring.lock()
    const ended = await run(['credentials', 'show'], { env })
    expect(ended).toMatchObject({ code: 3, stdout: '' })
    expect(ended.stderr).toMatch(
      /the keyring is locked; unlock it or run this in a desktop session; or use an encrypted file, which works in every session: run `npm run cred/
    )
  }, 60_000)

  test('one that waits for somebody holds up no command', async () => {
    const { keyring, run, migrate } = await bench({ unlocked: true, prompter: 'hangs' })
    const { env } = keyring
    await run([...SETUP, '--store', 'keyring'], { env, input: SECRET_LINES })
    await migrate()
    keyring.lock()
    for (const args of [['sync'], ['doctor']]) {
      const started = performance.now()
      const ended = await run(args, { env: { ...env, ...HURRIED } })
      expect(performance.now() - started).toBeLessThan(20_000)
      expect(ended.code).toBe(args[0] === 'sync' ? 3 : 1)
      expect(ended.stdout + ended.stderr).toMatch(
        /no response within 5 s, it is probably waiting to be unlocked/
      )
    }
  }, 60_000)
})
