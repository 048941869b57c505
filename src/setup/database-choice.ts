import { parseDatabaseUrl } from '../config/database-url.js'
import { UsageError } from '../errors.js'
import { flagName, type SetupFlags } from './flags.js'
import { isPort, parseServerName } from './server-name.js'

export interface DatabaseChoice {
  /** For DATABASE_URL, without the password. */
  url: string
  password?: string | undefined
  /** Something of it is given now. */
  changed: boolean
}

type SqlFlags = Pick<
  SetupFlags,
  'databaseUrl' | 'sqlServer' | 'sqlPort' | 'sqlDatabase' | 'sqlUsername' | 'sqlPassword' | 'sqlOptions'
>

/**
 * What the flags make of the database that is set up already: they change only what they name.
 * @param present the DATABASE_URL that is in force
 * @param password from wherever it is given
 * @throws UsageError, ConfigurationError
 */
export function chooseDatabase(
  flags: SqlFlags,
  present: string,
  password: string | undefined
): DatabaseChoice {
  const { databaseUrl, sqlServer, sqlPort, sqlDatabase, sqlUsername, sqlPassword, sqlOptions } = flags
  const parts = { sqlServer, sqlPort, sqlDatabase, sqlUsername }
  const [part] = Object.entries(parts).find(([, value]) => value !== undefined) ?? []
  if (databaseUrl !== undefined && part) {
    throw new UsageError(`--database-url cannot be used with ${flagName(part)}`)
  }
  const url = withOptions(part ? changed(present, parts) : (databaseUrl ?? present), sqlOptions)
  if (part) requireParts(url)
  parseDatabaseUrl(url)
  const isChanged = [part, databaseUrl, sqlPassword, sqlOptions].some((given) => given !== undefined)
  if (url.startsWith('mssql:')) {
    const chosen = withoutPassword(url, password)
    return { ...chosen, password: sqlPassword ?? chosen.password, changed: isChanged }
  }
  if (sqlPassword !== undefined)
    throw new UsageError('--sql-password is for SQL Server: it needs --sql-server')
  return { url, changed: isChanged }
}

function changed(present: string, parts: Record<string, string | undefined>): string {
  const url = new URL(present.startsWith('mssql:') ? present : 'mssql://localhost/')
  const { sqlServer, sqlPort, sqlDatabase, sqlUsername } = parts
  if (sqlServer !== undefined) {
    const { host, port, instance } = parseServerName(sqlServer)
    if (port !== undefined && sqlPort !== undefined && port !== sqlPort)
      throw new UsageError('--sql-server and --sql-port have different ports: specify only one')
    url.hostname = host
    url.searchParams.delete('instance')
    if (port !== undefined) url.port = port
    if (instance) {
      url.searchParams.set('instance', instance)
      url.port = ''
    }
  }
  if (sqlPort !== undefined) {
    if (!isPort(sqlPort)) throw new UsageError('--sql-port must be a number from 1 to 65535, such as 1433')
    url.port = sqlPort
  }
  if (sqlDatabase !== undefined) url.pathname = `/${encodeURIComponent(sqlDatabase)}`
  if (sqlUsername !== undefined) url.username = encodeURIComponent(sqlUsername)
  return url.href
}

function withOptions(text: string, options: Record<string, string> | undefined): string {
  if (!options || !text.startsWith('mssql:')) return text
  const url = new URL(text)
  for (const [name, value] of Object.entries(options)) url.searchParams.set(name, value)
  return url.href
}

/** @param password where the URL has none */
function withoutPassword(text: string, password: string | undefined): Omit<DatabaseChoice, 'changed'> {
  const url = new URL(text)
  const own = decodeURIComponent(url.password) || password
  url.password = ''
  return { url: url.href, password: own }
}

/** A database that was SQLite has neither name nor login yet. */
function requireParts(text: string): void {
  const url = new URL(text)
  const authentication = url.searchParams.get('authentication') ?? 'default'
  const missing = [
    ...(url.pathname.length > 1 ? [] : ['--sql-database']),
    ...(url.username || authentication !== 'default' ? [] : ['--sql-username'])
  ]
  if (missing[0])
    throw new UsageError(`${missing[0]} is required: specify it, or run setup on a terminal, where it asks`)
}
