import type { EntityManager, EntityMetadata, EntityTarget, ObjectLiteral } from 'typeorm'
import type { Call } from '../calls/call.js'
import { SAME_SESSION, TRANSFER } from '../calls/journeys.js'
import { type CallLeg, said } from '../calls/leg.js'
import { CALLS_LOCKED } from '../database/error-kinds.js'
import { bulkIntoTemporaryTable } from '../database/mssql-bulk.js'
import { CdrCall, CdrCallParty, CdrRecord } from '../entities/index.js'
import { bulkColumn, POSITION } from './bulk-columns.js'
import type { CallTables } from './call-tables.js'
import { ROWS_A_STATEMENT } from './loader-mssql.js'

/** Rows go over by TDS bulk load into temporary tables, as records do. */
export class MssqlCallTables implements CallTables {
  constructor(private readonly manager: EntityManager) {}

  async lock(): Promise<void> {
    await this.manager.query(`
      DECLARE @result int;
      EXEC @result = sys.sp_getapplock @Resource = N'webex-cdr calls', @LockMode = 'Exclusive', @LockTimeout = 60000;
      IF @result < 0 THROW ${CALLS_LOCKED}, 'webex-cdr: another process has been writing calls for 60 s.', 1;
    `)
  }

  async related(legs: readonly CallLeg[], known: ReadonlyMap<string, CallLeg>): Promise<string[]> {
    const rows = legs.map((leg) => ({
      reportId: leg.reportId,
      startTime: leg.startTime,
      correlationId: said(leg.correlationId),
      interactionId: leg.interactionId,
      localCallId: said(leg.localCallId),
      transferRelatedCallId: said(leg.transferRelatedCallId)
    }))
    await this.bulk('#cdr_legs', CdrRecord, rows)
    const found = await this.manager.query<{ report_id: string }[]>(`
      SELECT DISTINCT o.report_id
      FROM (
        ${LINKS.join('\n        UNION ALL\n        ')}
      ) AS o
      WHERE NOT EXISTS (SELECT 1 FROM #cdr_legs AS l WHERE l.report_id = o.report_id);
      DROP TABLE #cdr_legs;
    `)
    return found.map(({ report_id: id }) => id.toLowerCase()).filter((id) => !known.has(id))
  }

  async replace(gone: ReadonlySet<string>, made: Iterable<Call>): Promise<void> {
    const calls = [...made]
    const leaving = [...gone, ...calls.map(({ call }) => call.journeyId)]
    for (let at = 0; at < leaving.length; at += PARAMETERS) {
      const ids = leaving.slice(at, at + PARAMETERS)
      const list = ids.map((_, index) => `@${index}`).join(', ')
      await this.manager.query(
        `
        DELETE p
        FROM dbo.cdr_calls AS c
        JOIN dbo.cdr_call_parties AS p ON p.call_start_utc = c.start_utc AND p.journey_id = c.journey_id
        WHERE c.journey_id IN (${list});
        DELETE FROM dbo.cdr_calls WHERE journey_id IN (${list});
      `,
        ids
      )
    }
    await this.insert(
      CdrCall,
      calls.map(({ call }) => call)
    )
    await this.insert(
      CdrCallParty,
      calls.flatMap(({ parties }) => parties)
    )
  }

  private async insert(entity: EntityTarget<ObjectLiteral>, rows: readonly object[]): Promise<void> {
    if (rows.length === 0) return
    const names = await this.bulk('#cdr_rows', entity, rows)
    const { columns, tableName } = this.metadata(entity)
    const isStamped = columns.some(({ propertyName }) => propertyName === STAMP)
    for (let after = -1; after < rows.length - 1; after += ROWS_A_STATEMENT) {
      await this.manager.query(
        `
        INSERT INTO dbo.${tableName} (${[...names, ...(isStamped ? ['updated_utc'] : [])].join(', ')})
        SELECT ${[...names, ...(isStamped ? ['sysutcdatetime()'] : [])].join(', ')}
        FROM #cdr_rows WHERE row_position > @0 AND row_position <= @1;
      `,
        [after, after + ROWS_A_STATEMENT]
      )
    }
    await this.manager.query('DROP TABLE #cdr_rows;')
  }

  /** @returns the names of the columns that the rows have */
  private async bulk(
    table: string,
    entity: EntityTarget<ObjectLiteral>,
    rows: readonly object[]
  ): Promise<string[]> {
    const given = new Set(Object.keys(rows[0] ?? {}))
    given.delete(STAMP)
    const columns = this.metadata(entity).columns.filter(({ propertyName }) => given.has(propertyName))
    await bulkIntoTemporaryTable(
      this.manager,
      table,
      [{ ...POSITION, name: 'row_position' }, ...columns.map(bulkColumn)],
      (rows as Record<string, unknown>[]).map((row, index) => [
        index,
        ...columns.map(({ propertyName }) => row[propertyName])
      ])
    )
    return columns.map(({ databaseName }) => databaseName)
  }

  private metadata(entity: EntityTarget<ObjectLiteral>): EntityMetadata {
    return this.manager.dataSource.getMetadata(entity)
  }
}

/** Calls whose rows one statement deletes: with their parties they must stay under the 5,000 locks of a table lock. */
const PARAMETERS = 200

/** The server fills it. */
const STAMP = 'updatedUtc'

/** Records o that may belong together with a leg l. */
const LINKS = [
  link('correlation_id', 'correlation_id', SAME_SESSION),
  link('interaction_id', 'interaction_id', SAME_SESSION),
  link('local_call_id', 'transfer_related_call_id', TRANSFER),
  link('transfer_related_call_id', 'local_call_id', TRANSFER)
]

function link(wanted: string, given: string, within: number): string {
  const seconds = within / 1_000
  return `SELECT r.report_id
        FROM (
          SELECT ${given} AS id, MIN(start_time) AS begins, MAX(start_time) AS ends
          FROM #cdr_legs WHERE ${given} IS NOT NULL GROUP BY ${given}
        ) AS l
        JOIN dbo.cdr_records AS r ON r.${wanted} = l.id
        WHERE r.start_time BETWEEN DATEADD(second, -${seconds}, l.begins) AND DATEADD(second, ${seconds}, l.ends)`
}
