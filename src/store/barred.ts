import { type EntityManager, IsNull, Not } from 'typeorm'
import { CdrRetention, CdrSyncError, QUARANTINED } from '../entities/index.js'
import type { CdrRow } from '../record/record.js'
import { progressOf } from './retention-progress.js'

export interface Allowed {
  rows: readonly CdrRow[]
  /** As what one of them came. */
  cameAs: (row: CdrRow) => CdrRow
}

/** What of a page may be stored: what `retain` or `erase` has taken away does not come back. */
export async function allowed(manager: EntityManager, rows: readonly CdrRow[]): Promise<Allowed> {
  if (!(await isAnythingBarred(manager))) return { rows, cameAs: (row) => row }
  const barred = await barredIn(manager)
  const came = new Map<CdrRow, CdrRow>()
  for (const row of rows) {
    const began = row.startTime.getTime()
    if (began < barred.deletedBefore || barred.reportIds.has(row.reportId)) continue
    came.set(began < barred.emptiedBefore ? { ...row, rawJson: null } : row, row)
  }
  return { rows: [...came.keys()], cameAs: (row) => came.get(row) ?? row }
}

/** One query, as every page asks. */
async function isAnythingBarred(manager: EntityManager): Promise<boolean> {
  const [retention, errors] = [CdrRetention, CdrSyncError].map(
    (table) => manager.dataSource.getMetadata(table).tablePath
  )
  const [answer] = await manager.query<{ barred: number }[]>(
    `SELECT CASE
       WHEN EXISTS (SELECT 1 FROM ${retention} WHERE job IN ('delete', 'rawJson')) THEN 1
       WHEN EXISTS (SELECT 1 FROM ${errors} WHERE error_type = '${QUARANTINED}' AND masked_utc IS NOT NULL) THEN 1
       ELSE 0
     END AS barred`
  )
  return answer?.barred !== 0
}

interface Barred {
  /** Calls that began before, in ms since 1970 UTC. */
  deletedBefore: number
  /** Likewise, only their raw_json. */
  emptiedBefore: number
  /** In lower case, of what was masked in quarantine. */
  reportIds: ReadonlySet<string | undefined>
}

async function barredIn(manager: EntityManager): Promise<Barred> {
  const deleted = await progressOf(manager, 'delete')
  const emptied = await progressOf(manager, 'rawJson')
  const masked = await manager.find(CdrSyncError, {
    select: { id: true, recordKey: true },
    where: { errorType: QUARANTINED, maskedUtc: Not(IsNull()) }
  })
  return {
    deletedBefore: deleted?.before ?? NEVER,
    emptiedBefore: emptied?.before ?? NEVER,
    reportIds: new Set(masked.map(({ recordKey }) => recordKey?.toLowerCase()))
  }
}

const NEVER = Number.NEGATIVE_INFINITY
