import type { Dialect } from '../../src/entities/dialect.js'

/** What a trigger that a DBA has put on a table may do; SQLite's have no results of their own. */
export const AUDITS = {
  'three rows': "INSERT INTO AUDIT (what) VALUES ('a'), ('b'), ('c');",
  'one row': "INSERT INTO AUDIT (what) VALUES ('a');",
  'no counts': "SET NOCOUNT ON; INSERT INTO AUDIT (what) VALUES ('a'), ('b');",
  'a result of its own': "SELECT 'audited' AS what, 7 AS id, 7 AS inserted, 7 AS updated;"
} as const

export type Audit = keyof typeof AUDITS

const ON_SQLITE: readonly Audit[] = ['three rows', 'one row']

export function auditsOf(dialect: Dialect): Audit[] {
  return (Object.keys(AUDITS) as Audit[]).filter((audit) => dialect === 'mssql' || ON_SQLITE.includes(audit))
}

const TABLES = ['cdr_records', 'cdr_sync_state', 'cdr_sync_errors', 'cdr_sync_lease', 'cdr_api_drift']

type Execute = (sql: string) => Promise<unknown>

/**
 * Puts such triggers on every table that a sync writes to.
 * @returns takes them away again
 */
export async function auditTables(
  dialect: Dialect,
  execute: Execute,
  audits: readonly Audit[] = auditsOf(dialect)
): Promise<() => Promise<void>> {
  const isServer = dialect === 'mssql'
  await execute(
    isServer
      ? "IF OBJECT_ID(N'dbo.audit_log', N'U') IS NULL CREATE TABLE dbo.audit_log (what nvarchar(20) NOT NULL)"
      : 'CREATE TABLE IF NOT EXISTS audit_log (what text NOT NULL)'
  )
  const triggers: { name: string; table: string }[] = []
  for (const table of TABLES) {
    for (const audit of audits) {
      const name = `${table}_${audit.replaceAll(' ', '_')}`
      if (isServer) {
        const body = AUDITS[audit].replace('AUDIT', 'dbo.audit_log')
        await execute(`CREATE TRIGGER dbo.${name} ON dbo.${table} AFTER INSERT, UPDATE AS BEGIN ${body} END`)
        triggers.push({ name, table })
        continue
      }
      for (const event of ['INSERT', 'UPDATE']) {
        const body = AUDITS[audit].replace('AUDIT', 'audit_log')
        await execute(`CREATE TRIGGER ${name}_${event} AFTER ${event} ON ${table} BEGIN ${body} END`)
        triggers.push({ name: `${name}_${event}`, table })
      }
    }
  }
  return async () => {
    for (const { name } of triggers) await execute(`DROP TRIGGER ${isServer ? 'dbo.' : ''}${name}`)
  }
}
