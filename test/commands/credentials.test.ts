import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { DEMO_CREDENTIALS } from '../../src/simulator/index.js'
import { beBusy, commandBench, SECRET_LINES, SETUP } from './bench.js'

const { clientId, clientSecret, refreshToken } = DEMO_CREDENTIALS

describe('credentials', () => {
  test('move from the environment to a file, whose sync needs nothing more', async () => {
    const { run, migrate, keyFile, config } = await commandBench()
    const env = {
      WEBEX_CLIENT_ID: clientId,
      WEBEX_CLIENT_SECRET: clientSecret,
      WEBEX_REFRESH_TOKEN: refreshToken,
      DATABASE_PASSWORD: 'pw-that-is-secret'
    }
    const moved = await run(['credentials', 'move', '--to', 'file', '--key-file', keyFile], { env })
    expect(moved.code, moved.stderr).toBe(0)
    expect(moved.stdout).toMatch(/^Moved to .*webex-cdr\.secrets.*\nThe key is in .*\n$/)
    expect(moved.stderr).toMatch(
      /WARN: still in plain text in .*: remove WEBEX_CLIENT_SECRET, WEBEX_REFRESH_TOKEN, DATABASE_PASSWORD\n$/
    )
    expect(moved.stderr).not.toMatch(new RegExp(`pw-that-is-secret|${clientSecret}|${refreshToken}`))
    expect(config()).toMatchObject({ SECRET_KEY_FILE: keyFile })
    await migrate()
    expect((await run(['sync'], { env: { WEBEX_CLIENT_ID: clientId } })).code).toBe(0)
    const again = await run(['credentials', 'move', '--to', 'file'])
    expect(again).toMatchObject({ code: 0, stdout: expect.stringMatching(/^The secrets are already in /) })
  })

  test('clear removes them all', async () => {
    const { run, migrate, keyFile } = await commandBench()
    await run([...SETUP, '--store', 'file', '--key-file', keyFile], { input: SECRET_LINES })
    expect((await run(['credentials', 'clear'])).stdout).toMatch(/^2 removed from /)
    expect((await run(['credentials', 'show'])).stdout).not.toMatch(/(?<!not) set$/m)
    await migrate()
    expect(await run(['sync'])).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(
        /^webex-cdr: no client-secret, refresh-token in .*webex-cdr\.secrets.*: run `npm run setup`\n$/
      )
    })
  })

  test('a wrong key opens nothing and changes nothing', async () => {
    const { run, keyFile, folder } = await commandBench()
    await run([...SETUP, '--store', 'file', '--key-file', keyFile], { input: SECRET_LINES })
    const before = readFileSync(join(folder, 'webex-cdr.secrets'))
    writeFileSync(keyFile, `${Buffer.alloc(32, 7).toString('base64')}\n`)
    for (const args of [
      ['credentials', 'show'],
      ['credentials', 'clear'],
      ['sync'],
      [...SETUP, '--store', 'file']
    ]) {
      const ended = await run(args, { input: SECRET_LINES })
      expect(ended.code, args.join(' ')).toBe(3)
      expect(ended.stdout).not.toMatch(/authorised/)
      expect(ended.stderr).toMatch(/webex-cdr\.secrets.*key/)
    }
    expect(readFileSync(join(folder, 'webex-cdr.secrets'))).toEqual(before)
  })

  test('a key that was lost with its file is made anew', async () => {
    const { run, keyFile, folder } = await commandBench()
    await run([...SETUP, '--store', 'file', '--key-file', keyFile], { input: SECRET_LINES })
    rmSync(keyFile)
    const lost = await run(['sync'])
    expect(lost.stderr).toMatch(/does not exist: restore it from a backup, or delete .*\.secrets and run/)
    rmSync(join(folder, 'webex-cdr.secrets'))
    const done = await run(SETUP, { input: SECRET_LINES })
    expect(done.code, done.stderr).toBe(0)
    expect((await run(['credentials', 'show'])).stdout).toMatch(/refresh-token +set/)
  })

  test('a key that the environment names is not overruled by another one', async () => {
    const { run, keyFile, config } = await commandBench()
    const env = { SECRET_KEY_FILE: '/nowhere/env.key', WEBEX_CLIENT_SECRET: clientSecret }
    const ended = await run(['credentials', 'move', '--to', 'file', '--key-file', keyFile], { env })
    expect(ended.code).toBe(1)
    expect(ended.stderr).toMatch(/^webex-cdr: SECRET_KEY_FILE is set in the environment or \.env/)
    expect(existsSync(keyFile)).toBe(false)
    expect(config()).toBeUndefined()
  })

  test('while a sync runs, they are left alone', async () => {
    const { run, migrate, keyFile, folder } = await commandBench()
    await run([...SETUP, '--store', 'file', '--key-file', keyFile], { input: SECRET_LINES })
    await migrate()
    beBusy(folder)
    for (const args of [
      ['credentials', 'clear'],
      ['credentials', 'move', '--to', 'keyring']
    ]) {
      const ended = await run(args)
      expect(ended.stderr).toMatch(
        /^webex-cdr: another command is running \(web02, process 4711, .*try again/
      )
    }
    expect((await run(['credentials', 'show'])).stdout).toMatch(/refresh-token +set/)
  })

  test('where npm took --to for itself, it says how to write it', async () => {
    const { run } = await commandBench()
    const env = { npm_lifecycle_event: 'credentials' }
    expect(await run(['credentials', 'move'], { env })).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/; options go after --: `npm run credentials -- move --to file`\n$/)
    })
    expect((await run(['credentials', 'move'])).stderr).not.toMatch(/npm/)
  })

  test.each([
    [['credentials'], 'credentials needs an argument: show, clear or move'],
    [['credentials', 'steal'], 'unknown argument “steal”: credentials takes show, clear or move'],
    [['credentials', 'move'], 'credentials move needs --to keyring or --to file'],
    [['credentials', 'move', '--to', 'env'], '--to must be keyring or file, not “env”'],
    [['credentials', 'show', '--to', 'file'], '--to and --key-file can be used only with `credentials move`'],
    [['credentials', 'show', 'me'], 'unexpected argument “me”']
  ])('%j is refused', async (args, message) => {
    const { run, folder } = await commandBench()
    const ended = await run(args)
    expect(ended).toMatchObject({ code: 2, stdout: '' })
    expect(ended.stderr).toContain(`webex-cdr: ${message}`)
    expect(existsSync(join(folder, 'webex-cdr.json'))).toBe(false)
  })
})
