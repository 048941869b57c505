import { resolve } from 'node:path'
import { describe, expect, test } from 'vitest'
import { loadSettings } from '../../src/config/settings.js'

describe('loadSettings', () => {
  test('has a default for everything but the credentials', () => {
    expect(loadSettings({})).toEqual({
      database: { type: 'sqlite', path: resolve('webex-cdr.db') },
      webex: {
        apiUrl: 'https://webexapis.com/v1',
        analyticsUrl: 'https://analytics-calling.webexapis.com/v1',
        requestsPerMinute: 1,
        pagesPerMinute: 10,
        timeout: 60_000,
        retryDelay: 1_000,
        maxPerPage: 5_000
      },
      rawJson: 'all',
      retention: { numbers: 3 },
      secretStore: { kind: 'env' },
      secretKey: {},
      secrets: {},
      logLevel: 'info'
    })
  })

  test('an empty variable counts as not set', () => {
    expect(loadSettings({ DATABASE_URL: '', LOG_LEVEL: '' }).logLevel).toBe('info')
  })

  test('reads a SQL Server URL with an encoded password', () => {
    const { database } = loadSettings({
      DATABASE_URL: 'mssql://cdr:p%40ss%2Fword@db.example.com:1444/calls?encrypt=false'
    })
    expect(database).toEqual({
      type: 'mssql',
      host: 'db.example.com',
      port: 1444,
      database: 'calls',
      authentication: { type: 'default', options: { userName: 'cdr', password: 'p@ss/word' } },
      encrypt: false,
      trustServerCertificate: false,
      multiSubnetFailover: false
    })
  })

  test('encrypts and checks certificates unless told otherwise', () => {
    expect(loadSettings({ DATABASE_URL: 'mssql://u:p@h/d' }).database).toMatchObject({
      encrypt: true,
      trustServerCertificate: false
    })
  })

  test.each([
    [
      '?instance=SQLEXPRESS&multiSubnetFailover=true',
      { instance: 'SQLEXPRESS', multiSubnetFailover: true, authentication: { type: 'default' } }
    ],
    [
      '?authentication=ntlm&domain=CORP',
      { authentication: { type: 'ntlm', options: { userName: 'u', password: 'p', domain: 'CORP' } } }
    ],
    [
      '?authentication=azure-active-directory-password&tenantId=t&clientId=c',
      { authentication: { options: { userName: 'u', password: 'p', tenantId: 't', clientId: 'c' } } }
    ],
    [
      '?authentication=azure-active-directory-service-principal-secret&tenantId=t',
      { authentication: { options: { clientId: 'u', clientSecret: 'p', tenantId: 't' } } }
    ],
    ['?authentication=azure-active-directory-msi-vm', { authentication: { options: {} } }],
    [
      '?authentication=azure-active-directory-default&clientId=c',
      { authentication: { type: 'azure-active-directory-default', options: { clientId: 'c' } } }
    ]
  ])('takes the options %s', (options, expected) => {
    expect(loadSettings({ DATABASE_URL: `mssql://u:p@h/d${options}` }).database).toMatchObject(expected)
  })

  test('a managed identity needs no user', () => {
    const url = 'mssql://h/d?authentication=azure-active-directory-msi-app-service'
    expect(loadSettings({ DATABASE_URL: url }).database).toMatchObject({ host: 'h', database: 'd' })
  })

  test('the path of a file of authorities is made absolute', () => {
    expect(loadSettings({ DATABASE_URL: 'mssql://u:p@h/d?ca=ca.pem' }).database).toMatchObject({
      ca: resolve('ca.pem')
    })
  })

  test.each([
    [{ DATABASE_URL: 'postgres://h/d' }, /^DATABASE_URL has an unknown format: use sqlite:/],
    [{ DATABASE_URL: 'sqlite:' }, /^DATABASE_URL has no file/],
    [{ DATABASE_URL: 'sqlite::memory:' }, /^DATABASE_URL has no file/],
    [{ DATABASE_URL: 'mssql://user:secret@host' }, /^DATABASE_URL has no database/],
    [{ DATABASE_URL: 'mssql://host/db' }, /^DATABASE_URL has no user/],
    [{ DATABASE_URL: 'mssql://u:se#cret@host:port/db' }, /^DATABASE_URL is not a URL.*percent-encoded/],
    [{ DATABASE_URL: 'mssql://u:100%@host/db' }, /^DATABASE_URL has a stray %/],
    [
      { DATABASE_URL: 'mssql://u:p@host/db?encrypt=yes' },
      /^DATABASE_URL option encrypt must be true or false/
    ],
    [
      { DATABASE_URL: 'mssql://u:p@h/d?authentication=ntlm' },
      /^DATABASE_URL has no option domain, which authentication=ntlm requires/
    ],
    [
      { DATABASE_URL: 'mssql://u:p@h/d?authentication=kerberos' },
      /option authentication has an unknown value; valid/
    ],
    [
      { DATABASE_URL: 'mssql://u:p@h:1433/d?instance=X' },
      /^DATABASE_URL has both a port and an instance: use only one of them/
    ],
    [
      { DATABASE_URL: 'mssql://u:p@host/db?encypt=true' },
      /^DATABASE_URL has an unknown option; valid options are/
    ],
    [{ DATABASE_URL: 'mssql://sa:a@b/c?secret@host/db' }, /^DATABASE_URL has an unknown option/],
    [{ WEBEX_API_URL: 'webexapis.com' }, /^WEBEX_API_URL is not a URL/],
    [{ WEBEX_API_URL: 'http://webexapis.com/v1' }, /^WEBEX_API_URL must start with https/],
    [{ WEBEX_ANALYTICS_URL: 'https://u:p@webexapis.com/v1' }, /^WEBEX_ANALYTICS_URL must be a plain URL/],
    [{ WEBEX_MAX_PER_PAGE: '10' }, /^WEBEX_MAX_PER_PAGE must be 500 to 5000/],
    [{ WEBEX_TIMEOUT_SECONDS: '1e3' }, /^WEBEX_TIMEOUT_SECONDS must be a whole number/],
    [{ LOG_LEVEL: 'loud' }, /^LOG_LEVEL must be one of/]
  ])('refuses %j in one line that names the setting', (env, message) => {
    expect(() => loadSettings(env)).toThrow(message)
    try {
      loadSettings(env)
    } catch (error) {
      expect(String(error)).not.toMatch(/(?<!-)secret|se#cret|\n/)
    }
  })

  test('plain http is accepted for loopback', () => {
    expect(loadSettings({ WEBEX_API_URL: 'http://127.0.0.1:8090/v1/' }).webex.apiUrl).toBe(
      'http://127.0.0.1:8090/v1'
    )
  })
})

describe('the password of the database', () => {
  const DATABASE_URL = 'mssql://cdr@h/d'
  const passwordOf = (DATABASE_PASSWORD: string) => loadSettings({ DATABASE_URL, DATABASE_PASSWORD }).database

  test.each([
    [' with blanks \r\n', ' with blanks '],
    ['"quoted"\n', '"quoted"'],
    ['pässword\n\n', 'pässword'],
    [' \n', '']
  ])('%j is %j: it may have blanks, and no line end', (text, password) => {
    expect(passwordOf(text)).toMatchObject({ authentication: { options: { password } } })
  })
})
