import { parseDatabaseUrl } from '../config/database-url.js'
import { UsageError } from '../errors.js'
import { flagName, type SetupFlags } from './flags.js'

export interface DatabaseChoice {
  /** For DATABASE_URL, without the password. */
  url: string
  password?: string | undefined
  /** Something of it is given now. */
  changed: boolean
}

type SqlFlags = Pick<
  SetupFlags,
  'databaseUrl' | 'sqlServer' | 'sqlPort' | 'sqlDatabase' | 'sqlUsername' | 'sqlPassword'
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
  const { databaseUrl, sqlServer, sqlPort, sqlDatabase, sqlUsername, sqlPassword } = flags
  const parts = { sqlServer, sqlPort, sqlDatabase, sqlUsername }
  const [part] = Object.entries(parts).find(([, value]) => value !== undefined) ?? []
  if (databaseUrl !== undefined && part) {
    throw new UsageError(`--database-url does not go with ${flagName(part)}: give one of them`)
  }
  const url = part ? changed(present, parts) : (databaseUrl ?? present)
  parseDatabaseUrl(url)
  const isChanged = [part, databaseUrl, sqlPassword].some((given) => given !== undefined)
  if (url.startsWith('mssql:')) return { ...withoutPassword(url, password), changed: isChanged }
  if (sqlPassword !== undefined)
    throw new UsageError('--sql-password is for SQL Server: give --sql-server too')
  return { url, changed: isChanged }
}

function changed(present: string, parts: Record<string, string | undefined>): string {
  const url = new URL(present.startsWith('mssql:') ? present : 'mssql://localhost/')
  const { sqlServer, sqlPort, sqlDatabase, sqlUsername } = parts
  if (sqlServer !== undefined) {
    const [, host = '', instance] = /^([^\\,]+)(?:\\(.+))?$/.exec(sqlServer) ?? []
    url.port = ''
    url.hostname = host
    if (url.hostname !== host.toLowerCase() && url.hostname !== host) {
      throw new UsageError(
        '--sql-server must be a host name, or HOST\\INSTANCE; the port goes into --sql-port'
      )
    }
    if (instance) url.searchParams.set('instance', instance)
    else url.searchParams.delete('instance')
  }
  if (sqlPort !== undefined) {
    if (!/^\d{1,5}$/.test(sqlPort)) throw new UsageError('--sql-port must be a number, such as 1433')
    url.port = sqlPort
  }
  if (sqlDatabase !== undefined) url.pathname = `/${encodeURIComponent(sqlDatabase)}`
  if (sqlUsername !== undefined) url.username = encodeURIComponent(sqlUsername)
  return url.href
}

function withoutPassword(text: string, given: string | undefined): Omit<DatabaseChoice, 'changed'> {
  const url = new URL(text)
  const password = given ?? (decodeURIComponent(url.password) || undefined)
  url.password = ''
  return { url: url.href, password }
}
