import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { type MssqlSettings, parseDatabaseUrl } from '../../src/config/database-url.js'
import { UntrustedServerError } from '../../src/database/connect-failure.js'
import { connect } from '../../src/database/data-source.js'
import { ConfigurationError, TemporaryError } from '../../src/errors.js'
import { mssqlUrl, onSqlServer } from '../support/mssql.js'

const SECRET = 'p4ss-that-is-secret'

function at(host: string, options = ''): MssqlSettings {
  return parseDatabaseUrl(`mssql://somebody:${SECRET}@${host}/calls${options}`) as MssqlSettings
}

/** What connecting says, after making sure that it is one line without the password. */
async function failure(settings: MssqlSettings): Promise<Error> {
  const error = await connect(settings).then(
    async (dataSource) => {
      await dataSource.destroy()
      throw new Error('it connected')
    },
    (error: Error) => error
  )
  expect(error.message).not.toMatch(/\n/)
  expect(`${error.message}${error.stack}`).not.toContain(SECRET)
  return error
}

/** A port of 127.0.0.1 on which this answers. */
async function serving(answer: (socket: import('node:net').Socket) => void): Promise<number> {
  const server = createServer(answer).listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  onTestFinished(() => void server.close())
  return (server.address() as import('node:net').AddressInfo).port
}

describe('a connection that fails says what is wrong', () => {
  test('the host', async () => {
    const error = await failure(at('no-such-host.invalid'))
    expect(error).toBeInstanceOf(ConfigurationError)
    expect(error.message).toMatch(
      /^SQL Server database calls on no-such-host\.invalid:1433 cannot be reached: .*; wrong host: no-such-host\.invalid cannot be resolved/
    )
  })

  test('the port', async () => {
    const error = await failure(at('localhost:9'))
    expect(error).toBeInstanceOf(ConfigurationError)
    expect(error.message).toMatch(/; wrong port: nothing listens on port 9 of localhost/)
  })

  test('a server that hangs up at once', async () => {
    const port = await serving((socket) => socket.destroy())
    const error = await failure(at(`localhost:${port}`))
    expect(error).toBeInstanceOf(TemporaryError)
    expect(error.message).toMatch(/; the server closed the connection; check host and port/)
  })

  test('a server that is none', async () => {
    const port = await serving((socket) => {
      socket.on('error', () => {})
      socket.end('HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n')
    })
    expect((await failure(at(`localhost:${port}`))).message).toMatch(
      /cannot be reached: .*check host and port/
    )
  })

  test('an instance that SQL Server Browser does not know', async () => {
    const error = await failure(at('localhost', '?instance=NOPE'))
    expect(error.message).toMatch(
      /^SQL Server database calls on localhost\\NOPE cannot be reached: .*; wrong instance: SQL Server Browser on localhost \(UDP 1434\) returned no port for NOPE/
    )
  })

  test('a file of authorities that is not there', async () => {
    const error = await failure(at('localhost', '?ca=/no/such/ca.pem'))
    expect(error.message).toBe(
      'DATABASE_URL option ca names /no/such/ca.pem, which cannot be read (ENOENT): set it to the path of a PEM file'
    )
  })
})

describe.skipIf(!mssqlUrl)(`a connection that fails says what is wrong, ${onSqlServer}`, () => {
  const server = mssqlUrl ? (parseDatabaseUrl(mssqlUrl) as MssqlSettings) : at('localhost')
  const { host, port } = server

  test('the login', async () => {
    const settings = { ...server, authentication: at(host).authentication }
    const error = await failure(settings)
    expect(error).toBeInstanceOf(ConfigurationError)
    expect(error.message).toMatch(
      /; wrong login: check user and password \(`npm run setup -- --sql-password -` changes it/
    )
  })

  test('the database', async () => {
    const error = await failure({ ...server, database: 'no_such_database' })
    expect(error).toBeInstanceOf(ConfigurationError)
    expect(error.message).toMatch(/; wrong database: check its name in DATABASE_URL/)
  })

  test('a certificate that nobody known has signed', async () => {
    const error = await failure({ ...server, trustServerCertificate: false })
    expect(error).toBeInstanceOf(UntrustedServerError)
    expect(error.message).toMatch(/; wrong TLS: specify the CA of .* with ca=/)
  })

  test('a file of authorities that has none of it', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'ca-'))
    onTestFinished(() => rmSync(folder, { recursive: true }))
    const ca = join(folder, 'ca.pem')
    writeFileSync(ca, 'no certificate')
    expect((await failure({ ...server, trustServerCertificate: false, ca })).message).toMatch(/; wrong TLS: /)
  })

  test('nothing, where all is right', async () => {
    const dataSource = await connect(server)
    const [{ isolation, abort } = {}] = await dataSource.query(
      `SELECT SESSIONPROPERTY('ANSI_NULLS') AS isolation, @@OPTIONS & 16384 AS abort`
    )
    expect({ isolation, abort, host, port }).toMatchObject({ isolation: 1, abort: 16_384 })
    await dataSource.destroy()
  })
})
