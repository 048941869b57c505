import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { DEMO_CREDENTIALS } from '../../src/simulator/index.js'
import { standInEnvironment } from '../support/cli.js'
import { createTestDatabase, mssqlUrl, onSqlServer } from '../support/mssql.js'
import { DOWN, ENTER, hasScript, inTerminal } from '../support/terminal.js'
import { commandBench, EVERYTHING, pointAt, SECRET_LINES, SETUP } from './bench.js'

const { clientId, clientSecret, refreshToken } = DEMO_CREDENTIALS
const CTRL_C = '\u0003'
const GIVEN = ['setup', ...EVERYTHING, '--client-id', clientId, '--client-secret', clientSecret]
const COMPLETE = [...GIVEN, '--refresh-token', refreshToken, '--store', 'file']

describe.skipIf(!hasScript)(`setup on a terminal${hasScript ? '' : ' (skipped: there is no script)'}`, () => {
  test('asks for the password that --database-url does not have', async () => {
    const { env, folder, config } = await commandBench()
    const given = ['--database-url', 'mssql://cdr@127.0.0.1:9/calls']
    const terminal = inTerminal([...COMPLETE, ...given], env, folder)
    await terminal.sees('Database password')
    terminal.type(`pw-that-is-secret${ENTER}`)
    await terminal.sees('calls on 127.0.0.1:9 cannot be reached')
    await terminal.sees('Review your answers?')
    terminal.type(ENTER)
    await terminal.sees('Database password (empty: keep your last answer)')
    terminal.type(CTRL_C)
    expect(await terminal.ended).toBe(130)
    expect(terminal.shown()).not.toContain('pw-that-is-secret')
    expect(config()).toBeUndefined()
  }, 60_000)

  test('asks for what --sql-server leaves open, where no server is set up', async () => {
    const { env, folder } = await commandBench()
    const given = ['--sql-server', '127.0.0.1', '--sql-port', '9']
    const terminal = inTerminal([...COMPLETE, ...given], env, folder)
    for (const [question, answer] of [
      ['Database', 'calls'],
      ['User', 'cdr'],
      ['Database password', 'pw']
    ] as const) {
      await terminal.sees(question)
      terminal.type(`${answer}${ENTER}`)
    }
    await terminal.sees('calls on 127.0.0.1:9 cannot be reached')
    terminal.type('n')
    expect(await terminal.ended).toBe(1)
    expect(terminal.shown()).not.toMatch(/Server \(HOST|Port/)
  }, 60_000)

  test('for a server that is set up, flags change only what they name', async () => {
    const { env, folder, keyFile, config, run } = await commandBench()
    await run([...SETUP, '--store', 'file', '--key-file', keyFile], { input: SECRET_LINES })
    const DATABASE_URL = 'mssql://cdr@127.0.0.1:9/calls'
    writeFileSync(join(folder, 'webex-cdr.json'), JSON.stringify({ ...config(), DATABASE_URL }))
    const terminal = inTerminal([...COMPLETE, '--sql-port', '10'], env, folder)
    await terminal.sees('Database password')
    terminal.type(`pw${ENTER}`)
    await terminal.sees('calls on 127.0.0.1:10 cannot be reached')
    terminal.type('n')
    expect(await terminal.ended).toBe(1)
    expect(terminal.shown()).not.toMatch(/Which database|User/)
  }, 60_000)

  test('a stored token that is dead is not what Enter keeps again', async () => {
    const { env, folder, keyFile, run } = await commandBench()
    await run([...SETUP, '--store', 'file', '--key-file', keyFile], { input: SECRET_LINES })
    const other = await commandBench({ refreshToken: 'another' })
    pointAt(folder, other.sim.url)
    const terminal = inTerminal(['setup', ...EVERYTHING], env, folder)
    const answer = async (questions: string[], typed = ENTER) => {
      for (const question of questions) {
        await terminal.sees(question)
        terminal.type(typed)
      }
    }
    const first = ['Client ID', 'Client secret', 'How do you want to authorise?']
    const last = ['Which database?', 'Where should the secrets be kept?']
    await answer([...first, ...last])
    await terminal.sees('replace the stored token')
    await answer(['Review your answers?', ...first])
    await answer(['Refresh token'], `another${ENTER}`)
    await answer(last)
    await answer(['Create the tables now?'], 'n')
    expect(await terminal.ended).toBe(0)
  }, 60_000)

  test('Ctrl-C at the last question leaves what is stored, and says so', async () => {
    const { env, folder, config, keyFile, run } = await commandBench()
    const terminal = inTerminal([...COMPLETE, '--key-file', keyFile], env, folder)
    await terminal.sees('Which database?')
    await terminal.sees('The SQLite file webex-cdr.db')
    await terminal.sees('Another SQLite file')
    terminal.type(ENTER)
    await terminal.sees('Create the tables now?')
    terminal.type(CTRL_C)
    expect(await terminal.ended).toBe(0)
    await terminal.sees('Everything is saved. The database has no tables yet.')
    await terminal.sees('npm run migrate            creates the tables')
    await terminal.sees('npm run --silent schedule')
    expect(terminal.shown()).not.toContain('nothing was saved')
    expect(config()).toMatchObject({ WEBEX_CLIENT_ID: clientId })
    expect((await run(['credentials', 'show'])).stdout).toMatch(/refresh-token +set/)
  }, 60_000)

  test.skipIf(!mssqlUrl)(
    `asks what to do about a certificate that is not trusted, ${onSqlServer}`,
    async () => {
      const { env, folder, config, keyFile } = await commandBench()
      const database = await createTestDatabase()
      onTestFinished(() => database.drop())
      const url = new URL(database.url)
      const password = decodeURIComponent(url.password)
      url.password = ''
      url.search = ''
      writeFileSync(join(folder, 'other.pem'), 'of another authority')
      const given = ['--key-file', keyFile, '--database-url', url.href, '--sql-password', password]
      const terminal = inTerminal([...COMPLETE, ...given], { ...env, ...standInEnvironment() }, folder)
      const question = 'The certificate of this server is not trusted.'
      await terminal.sees('wrong TLS')
      await terminal.sees(question)
      terminal.type(ENTER)
      await terminal.sees('Path of the file')
      terminal.type(`nowhere.pem${ENTER}`)
      await terminal.sees('File not found.')
      terminal.type(`${'\u007f'.repeat(11)}other.pem${ENTER}`)
      await terminal.sees('wrong TLS')
      await terminal.sees(question)
      expect(config()).toBeUndefined()
      terminal.type(`${DOWN}${ENTER}`)
      await terminal.sees('any certificate is trusted (trustServerCertificate=true)')
      await terminal.sees('Create the tables now?')
      terminal.type(`n`)
      expect(await terminal.ended).toBe(0)
      expect(config()?.DATABASE_URL).toBe(`${url.href}?trustServerCertificate=true`)
      expect(terminal.shown()).not.toContain(password)
    },
    60_000
  )

  test.skipIf(!mssqlUrl)(
    `does not trust another server for the answer about one, ${onSqlServer}`,
    async () => {
      const { env, folder, config, keyFile } = await commandBench()
      const database = await createTestDatabase()
      onTestFinished(() => database.drop())
      const { port, pathname, username, password } = new URL(database.url)
      const terminal = inTerminal(
        [...COMPLETE, '--key-file', keyFile],
        { ...env, ...standInEnvironment() },
        folder
      )
      const answer = async (server: string, secret: string) => {
        await terminal.sees('Server (HOST')
        terminal.type(`${server}${ENTER}`)
        for (const [question, typed] of [
          ['Port', port],
          ['Database', pathname.slice(1)],
          ['User', username],
          ['Database password', secret]
        ] as const) {
          await terminal.sees(question)
          terminal.type(`${decodeURIComponent(typed)}${ENTER}`)
        }
        await terminal.sees('The certificate of this server is not trusted.')
        terminal.type(`${DOWN}${ENTER}`)
      }
      await terminal.sees('Which database?')
      terminal.type(`${DOWN}${DOWN}${ENTER}`)
      await answer('localhost', 'wrong')
      await terminal.sees('wrong login')
      await terminal.sees('Review your answers?')
      terminal.type(ENTER)
      await terminal.sees('Which database?')
      terminal.type(ENTER)
      await answer('127.0.0.1', password)
      await terminal.sees('Create the tables now?')
      terminal.type('n')
      expect(await terminal.ended).toBe(0)
      expect(config()?.DATABASE_URL).toMatch(/@127\.0\.0\.1:.*\?trustServerCertificate=true$/)
    },
    60_000
  )
})
