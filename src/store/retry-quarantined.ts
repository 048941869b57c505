import { type EntityManager, In, IsNull, MoreThan, Not } from 'typeorm'
import { type LeasedParts, leasedTransaction } from '../database/leased-transaction.js'
import { NOW } from '../entities/columns.js'
import { CdrSyncError, QUARANTINED, type RawJson, REPORT } from '../entities/index.js'
import { keyBesideReportId } from '../record/leg.js'
import { preparePage } from '../record/page.js'
import { toRecord } from '../record/record.js'
import { createLoader } from './create-loader.js'
import { storeRows } from './keep-calls.js'
import type { CdrLoader } from './loader.js'
import { writeUnlessRefused } from './refused-rows.js'
import { rowsToStore } from './report-rows.js'
import { without } from './unroll.js'

export interface RetryResult {
  /** How many records were in quarantine. */
  tried: number
  /** How many of them are in cdr_records now. */
  stored: number
}

/** Payloads have about 6 KB each. */
const BATCH = 500

interface RetryParts extends LeasedParts {
  rawJson: RawJson
}

/** Tries to store what is in quarantine, as a newer version of this program may know how. */
export async function retryQuarantined(parts: RetryParts): Promise<RetryResult> {
  const { manager } = parts.dataSource
  const loader = await createLoader(manager)
  const result: RetryResult = { tried: 0, stored: 0 }
  for (let last = 0; ; ) {
    const entries = await manager.find(CdrSyncError, {
      where: { errorType: QUARANTINED, recovered: false, payload: Not(IsNull()), id: MoreThan(last) },
      order: { id: 'ASC' },
      take: BATCH
    })
    if (entries.length === 0) return result
    parts.signal.throwIfAborted()
    result.tried += entries.length
    for (const isOfReport of [false, true]) {
      const those = entries.filter(({ source }) => (source === REPORT) === isOfReport)
      result.stored += await retry(those, isOfReport, parts, loader)
    }
    last = entries.at(-1)?.id ?? last
  }
}

async function retry(
  entries: readonly CdrSyncError[],
  isOfReport: boolean,
  parts: RetryParts,
  loader: CdrLoader
): Promise<number> {
  const read = entries.flatMap(({ id, payload }) => {
    const item = parsed(payload)
    const mapped = toRecord(item)
    return 'row' in mapped ? [{ id, item, key: keyBesideReportId(mapped.row) }] : []
  })
  const page = preparePage(
    read.map(({ item }) => item),
    parts.rawJson,
    isOfReport
  )
  if (page.length === 0) return 0
  return writeUnlessRefused(page, parts, loader, (refused) =>
    leasedTransaction(parts, async (manager) => {
      const rows = [...page.rows(without(page.kept, refused))]
      const { others } = await storeRows(manager, loader, await rowsToStore(manager, page, rows))
      const refusedRows = page.rows(refused.map(({ row }) => row))
      const left = new Set([...refusedRows, ...others].map(keyBesideReportId))
      return recover(
        manager,
        read.flatMap(({ id, key }) => (left.has(key) ? [] : [id]))
      )
    })
  )
}

async function recover(manager: EntityManager, ids: number[]): Promise<number> {
  if (ids.length === 0) return 0
  await manager.update(CdrSyncError, { id: In(ids) }, { recovered: true, recoveryTimestamp: () => NOW })
  return ids.length
}

function parsed(payload: string | null): unknown {
  try {
    return JSON.parse(payload ?? '')
  } catch {
    return undefined
  }
}
