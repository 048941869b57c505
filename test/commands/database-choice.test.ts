import { expect, test } from 'vitest'
import { type MssqlSettings, parseDatabaseUrl } from '../../src/config/database-url.js'
import { UsageError } from '../../src/errors.js'
import { chooseDatabase } from '../../src/setup/database-choice.js'

const REST = { sqlDatabase: 'cdr.prod', sqlUsername: 'u' }

function chosen(sqlServer: string, sqlPort?: string): MssqlSettings {
  const flags = { ...REST, sqlServer, ...(sqlPort ? { sqlPort } : {}) }
  return parseDatabaseUrl(chooseDatabase(flags, 'sqlite:x.db', 'p').url) as MssqlSettings
}

test.each([
  ['sql.example.com', { host: 'sql.example.com', port: 1433 }],
  ['sql.example.com,1533', { host: 'sql.example.com', port: 1533 }],
  ['tcp:sql.example.com,1533', { host: 'sql.example.com', port: 1533 }],
  [' TCP:sql.example.com , 1533 ', { host: 'sql.example.com', port: 1533 }],
  ['SQL01\\PROD', { host: 'SQL01', instance: 'PROD' }],
  ['SQL01\\PROD$1', { host: 'SQL01', instance: 'PROD$1' }],
  ['.\\SQLEXPRESS', { host: 'localhost', instance: 'SQLEXPRESS' }],
  ['(local)', { host: 'localhost', port: 1433 }],
  ['10.1.2.3,1433', { host: '10.1.2.3', port: 1433 }],
  ['::1', { host: '::1', port: 1433 }],
  ['[fe80::1],1533', { host: 'fe80::1', port: 1533 }]
])('--sql-server %j is understood as SSMS does', (server, settings) => {
  expect(chosen(server)).toMatchObject({ database: 'cdr.prod', ...settings })
})

test('the port tells where an instance is, as in SSMS', () => {
  const settings = chosen('SQL01\\PROD,1533')
  expect(settings).toMatchObject({ host: 'SQL01', port: 1533 })
  expect(settings.instance).toBeUndefined()
  expect(chosen('SQL01,1533', '1533')).toMatchObject({ port: 1533 })
})

test.each([
  '',
  'a b',
  'h:1433',
  'h,',
  'h,0',
  'h,70000',
  'h,1433,1',
  'h\\',
  '\\I',
  'h\\a\\b',
  'u@h',
  'h/d',
  'h?x',
  '[::1',
  'np:\\\\.\\pipe\\sql\\query',
  '(localdb)\\MSSQLLocalDB'
])('--sql-server %j is answered with the right form', (server) => {
  expect(() => chosen(server)).toThrow(UsageError)
  expect(() => chosen(server)).toThrow(
    '--sql-server must be HOST, HOST,PORT or HOST\\INSTANCE, such as sql.example.com,1433'
  )
})

test('two ports are one too many', () => {
  expect(() => chosen('h,1433', '1533')).toThrow('--sql-server and --sql-port have different ports')
})

test.each([
  ['mssql://u:p@h,1433/d', /^DATABASE_URL has a comma before the port.*: use host:1433$/],
  ['mssql://u:p,@h\\I/d', /^DATABASE_URL has a backslash before the instance.*\?instance=NAME$/],
  ['mssql://u:p@h%5CI/d', /^DATABASE_URL has a backslash before the instance/]
])('DATABASE_URL %s, as SSMS writes the server, is answered with the right form', (url, message) => {
  expect(() => parseDatabaseUrl(url)).toThrow(message)
})

test('a comma or a backslash in a password is none of the host', () => {
  const { authentication } = parseDatabaseUrl('mssql://u:a%2Cb,c%5C@h/d') as MssqlSettings
  expect(authentication.options).toMatchObject({ password: 'a,b,c\\' })
})
