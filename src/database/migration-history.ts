import { hostname, userInfo } from 'node:os'
import type { DataSource, QueryRunner } from 'typeorm'
import { currentDialect, type Dialect } from '../entities/dialect.js'
import { VERSION } from '../version.js'

/** Done by running it, undone by --down, or recorded by --baseline without running it. */
export type HistoryAction = 'applied' | 'reverted' | 'baselined'

/** A row of cdr_schema_history, which only grows. */
export interface HistoryRow {
  name: string
  action: HistoryAction
  /** Of the migration's text; NULL is not known. */
  checksum: string | null
  appliedUtc: Date
  appliedBy: string | null
  appliedFrom: string | null
}

const TABLE: Record<Dialect, string> = { mssql: 'dbo.cdr_schema_history', sqlite: 'cdr_schema_history' }

/**
 * The two tables that remember migrations: TypeORM's own, of what is applied, and the history of who applied what.
 * The script for DBAs has the same text.
 */
export const HISTORY_TABLES: Record<Dialect, readonly string[]> = {
  mssql: [
    `
      IF OBJECT_ID(N'dbo.cdr_migrations', N'U') IS NULL
      CREATE TABLE dbo.cdr_migrations (
        id          int          IDENTITY(1,1) NOT NULL CONSTRAINT PK_cdr_migrations PRIMARY KEY,
        [timestamp] bigint       NOT NULL,
        name        varchar(255) NOT NULL
      );
    `,
    `
      IF OBJECT_ID(N'dbo.cdr_schema_history', N'U') IS NULL
      CREATE TABLE dbo.cdr_schema_history (
        id              int           IDENTITY(1,1) NOT NULL CONSTRAINT PK_cdr_schema_history PRIMARY KEY,
        name            nvarchar(255) NOT NULL,
        action          nvarchar(20)  NOT NULL,
        checksum        char(64)      NULL,
        program_version nvarchar(50)  NOT NULL,
        path            nvarchar(20)  NOT NULL,
        applied_utc     datetime2(3)  NOT NULL
          CONSTRAINT DF_cdr_schema_history_applied_utc DEFAULT sysutcdatetime(),
        applied_by      nvarchar(128) NULL
          CONSTRAINT DF_cdr_schema_history_applied_by DEFAULT suser_sname(),
        applied_from    nvarchar(128) NULL
          CONSTRAINT DF_cdr_schema_history_applied_from DEFAULT host_name(),
        application     nvarchar(128) NULL
          CONSTRAINT DF_cdr_schema_history_application DEFAULT app_name(),
        duration_ms     int           NULL
      );
    `
  ],
  sqlite: [
    `
      CREATE TABLE IF NOT EXISTS "cdr_migrations" (
        "id"        integer PRIMARY KEY AUTOINCREMENT NOT NULL,
        "timestamp" bigint NOT NULL,
        "name"      varchar NOT NULL
      )
    `,
    `
      CREATE TABLE IF NOT EXISTS "cdr_schema_history" (
        "id"              integer PRIMARY KEY AUTOINCREMENT NOT NULL,
        "name"            nvarchar(255) NOT NULL,
        "action"          nvarchar(20) NOT NULL,
        "checksum"        char(64),
        "program_version" nvarchar(50) NOT NULL,
        "path"            nvarchar(20) NOT NULL,
        "applied_utc"     datetime NOT NULL DEFAULT (strftime('%Y-%m-%d %H:%M:%f', 'now')),
        "applied_by"      nvarchar(128),
        "applied_from"    nvarchar(128),
        "application"     nvarchar(128),
        "duration_ms"     integer
      )
    `
  ]
}

export async function createHistoryTables(dataSource: DataSource): Promise<void> {
  for (const statement of HISTORY_TABLES[currentDialect()]) await dataSource.query(statement)
}

/** The newest row of each migration; none where the table is not there yet. */
export async function readHistory(queryRunner: QueryRunner): Promise<Map<string, HistoryRow>> {
  const table = TABLE[currentDialect()]
  if (!(await queryRunner.hasTable(table))) return new Map()
  const rows: Record<string, string | Date | null>[] = await queryRunner.query(
    `SELECT name, action, checksum, applied_utc, applied_by, applied_from FROM ${table} ORDER BY id`
  )
  return new Map(
    rows.map((row) => [
      String(row.name),
      {
        name: String(row.name),
        action: row.action as HistoryAction,
        checksum: row.checksum as string | null,
        appliedUtc: moment(row.applied_utc ?? ''),
        appliedBy: row.applied_by as string | null,
        appliedFrom: row.applied_from as string | null
      }
    ])
  )
}

/** @param duration in ms; null where nothing was run */
export async function writeHistory(
  queryRunner: QueryRunner,
  { name, checksum }: { name: string; checksum: string },
  action: HistoryAction,
  duration: number | null
): Promise<void> {
  const row: Record<string, string | number | null> = {
    name,
    action,
    checksum,
    program_version: VERSION,
    path: 'migrate',
    duration_ms: duration === null ? null : Math.round(duration),
    // SQL Server knows these three itself.
    ...(currentDialect() === 'sqlite'
      ? { applied_by: userName(), applied_from: hostname(), application: 'webex-cdr' }
      : {})
  }
  const columns = Object.keys(row)
  const places = columns.map((_, index) => (currentDialect() === 'mssql' ? `@${index}` : '?'))
  await queryRunner.query(
    `INSERT INTO ${TABLE[currentDialect()]} (${columns.join(', ')}) VALUES (${places.join(', ')})`,
    Object.values(row)
  )
}

/** SQLite keeps times as text. */
function moment(value: string | Date): Date {
  return value instanceof Date ? value : new Date(`${value.replace(' ', 'T')}Z`)
}

function userName(): string {
  try {
    return userInfo().username
  } catch {
    // A container may run as a user without a name.
    return `user ${process.getuid?.()}`
  }
}
