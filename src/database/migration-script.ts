import { UsageError } from '../errors.js'
import { VERSION } from '../version.js'
import { HISTORY_TABLES } from './migration-history.js'
import { type ListedMigration, listMigrations, placeOf, shortName } from './migration-list.js'
import { LOCK_NAME, LOCK_TIMEOUT } from './migration-lock.js'
import { historyBatch, migrationBatch } from './migration-script-batch.js'
import { comment, literal } from './t-sql.js'

/** What each migration does, for the head of the script. */
const SUMMARIES: Record<string, string> = {
  PredecessorTables: 'tables and indexes of the Python tool webextools; existing ones are kept',
  NewColumns: 'columns for all fields of the service, longer text columns, details of runs and quarantine',
  FillFromRawJson: 'fills report_id and the new columns from raw_json, in batches, each committed by itself',
  ReportIdAsKey: 'report_id becomes unique, (call_id, start_time) an ordinary index',
  Lease: 'cdr_sync_lease, which lets one process write at a time',
  ApiDrift: 'cdr_api_drift, which counts what the service sends that this program does not know',
  Coverage: 'cdr_coverage and cdr_reports, which hold what was asked for and what has been read',
  Retention: 'cdr_retention, which holds how far the deleting and masking of old records has come',
  Calls: 'cdr_calls and cdr_call_parties, one row a call and a party; journey_id and indexes on cdr_records',
  Views: 'views for reports'
}

export interface ScriptRange {
  /** The script begins after this migration and demands that it is applied. */
  from: string | undefined
  /** The last migration of the script. */
  to: string | undefined
}

/**
 * One T-SQL script that does what `migrate` does, and may be run again. It is made without a database and is the
 * same whenever it is made.
 * @throws UsageError when there is no such migration, or none in this range
 */
export async function migrationScript({ from, to }: ScriptRange): Promise<string> {
  const list = await listMigrations('mssql')
  const start = from === undefined ? 0 : placeOf(from, list) + 1
  const end = to === undefined ? list.length : placeOf(to, list) + 1
  const chosen = list.slice(start, end)
  if (chosen.length === 0) {
    throw new UsageError(
      `no migration comes after --from ${from}${to === undefined ? '' : ` and not after --to ${to}`}`
    )
  }
  const batches = [
    `${head(chosen, list[start - 1])}\n\n${OPTIONS}`,
    LOCK,
    historyBatch(HISTORY_TABLES.mssql),
    ...chosen.map((migration, index) => migrationBatch(migration, list[start + index - 1])),
    'SET NOEXEC OFF;',
    ending(chosen)
  ]
  return batches.map((batch) => `${batch.trim()}\nGO\n`).join('\n')
}

function head(chosen: readonly ListedMigration[], predecessor: ListedMigration | undefined): string {
  const migrations = chosen.flatMap(({ name, checksum, transactional }) => [
    `  ${name}${transactional ? '' : ' (not in one transaction)'}`,
    `    ${SUMMARIES[shortName(name)] ?? shortName(name)}`,
    `    SHA-256 ${checksum}`
  ])
  return comment([
    `Migrations of webex-cdr ${VERSION} for SQL Server 2016 and later and Azure SQL Database`,
    '',
    ...migrations,
    '',
    ...(predecessor ? [`${predecessor.name} must be applied before.`, ''] : []),
    'Run it in the database for the call records, with a login that may create and alter',
    'tables and views in schema dbo and write to them. Stop sync and the Python tool while it runs. In a shell:',
    '',
    '  sqlcmd -S server -d database -E -b -i this-file.sql',
    '',
    'In SSMS or Azure Data Studio choose the database first.',
    '',
    'It can be run again: what is applied is skipped. A migration that fails is rolled back (one that is',
    'not in one transaction continues where it stopped when the script is run again), and none after it is run or',
    'recorded. dbo.cdr_migrations has what is applied, dbo.cdr_schema_history who did it, when and how long it took.'
  ])
}

/** What the program's own connection has; clients differ in all of them. */
const OPTIONS = `
SET NOEXEC OFF;
SET QUOTED_IDENTIFIER ON;
SET ANSI_NULLS ON;
SET ANSI_PADDING ON;
SET ANSI_WARNINGS ON;
SET ANSI_NULL_DFLT_ON ON;
SET ARITHABORT ON;
SET CONCAT_NULL_YIELDS_NULL ON;
SET NUMERIC_ROUNDABORT OFF;
SET IMPLICIT_TRANSACTIONS OFF;
SET XACT_ABORT ON;
SET NOCOUNT ON;
SET ROWCOUNT 0;
SET DATEFORMAT mdy;
SET TRANSACTION ISOLATION LEVEL READ COMMITTED;
`.trim()

const LOCK = `
DECLARE @lock int = -999;
IF DB_NAME() IN (N'master', N'model', N'msdb', N'tempdb')
  RAISERROR(N'This is a system database: choose the database for the call records.', 16, 1);
ELSE IF @@TRANCOUNT > 0
  RAISERROR(N'A transaction is open in this session: commit or roll it back, then run the script again.', 16, 1);
ELSE
BEGIN
  EXEC @lock = sys.sp_getapplock
    @Resource = N'${LOCK_NAME}', @LockMode = N'Exclusive', @LockOwner = N'Session', @LockTimeout = ${LOCK_TIMEOUT};
  IF @lock < 0
    RAISERROR(N'Another migrate or script holds the lock "${LOCK_NAME}": run this again when it has finished.', 16, 1);
END;
IF @lock < 0 SET NOEXEC ON;
`

function ending(chosen: readonly ListedMigration[]): string {
  const names = chosen.map(({ name }) => literal(name)).join(', ')
  const all = chosen.length
  return `
WHILE APPLOCK_MODE(N'public', N'${LOCK_NAME}', N'Session') = N'Exclusive'
  EXEC sys.sp_releaseapplock @Resource = N'${LOCK_NAME}', @LockOwner = N'Session';

DECLARE @applied int = 0;
IF OBJECT_ID(N'dbo.cdr_migrations', N'U') IS NOT NULL
  SELECT @applied = COUNT(DISTINCT name) FROM dbo.cdr_migrations WHERE name IN (${names});
IF @applied = ${all}
  PRINT N'Done: all migrations of this script are applied.';
ELSE
  RAISERROR(N'Not done: %d of ${all} migrations of this script are applied. The first error says why.', 16, 1, @applied);
`
}
