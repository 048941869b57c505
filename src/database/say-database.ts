import type { DatabaseSettings } from '../config/database-url.js'

/** The database by name, without credentials. */
export function sayDatabase(settings: DatabaseSettings): string {
  if (settings.type === 'sqlite') return `SQLite file ${settings.path}`
  const { database, host, port, instance } = settings
  return `SQL Server database ${database} on ${host}${instance ? `\\${instance}` : `:${port}`}`
}
