import { Readable } from 'node:stream'
import type { FeedRead } from '../../src/coverage/coverage.js'
import type { ReportFile } from '../../src/history/report-files.js'
import { TimeZone } from '../../src/history/time-zone.js'
import type { Covers } from '../../src/sync/calls-of-report.js'
import type { ImportResult } from '../../src/sync/import-run.js'
import { importReports } from '../../src/sync/sync.js'
import type { ContractBench } from './contract.js'
import { memoryLog } from './log.js'

export interface Importing extends Partial<Pick<Covers, 'isClaimed'>> {
  zone?: string
  covers?: FeedRead
  dryRun?: boolean
}

/** Imports reports, each a text or in pieces; fails where another process has the lease. */
export async function importing(
  bench: Pick<ContractBench, 'settings' | 'clock'>,
  reports: readonly (string | Iterable<Buffer>)[],
  { zone, covers, isClaimed = false, dryRun = false }: Importing = {}
): Promise<ImportResult> {
  const files = reports.map((report, index): ReportFile => {
    const pieces = typeof report === 'string' ? [Buffer.from(report)] : [...report]
    return {
      name: `report ${index + 1}`,
      bytes: 1,
      written: bench.clock.now,
      open: async () => Readable.from(pieces)
    }
  })
  const outcome = await importReports(
    bench.settings,
    {
      files,
      zone: zone === undefined ? undefined : new TimeZone(zone),
      covers: covers && { ...covers, isClaimed },
      dryRun
    },
    { log: memoryLog().log, now: () => bench.clock.now, looked: () => {} }
  )
  if ('holder' in outcome) throw new Error('somebody else has the lease')
  return outcome.result
}

/** A report with these columns of items, as Control Hub writes it. */
export function reportOf(items: readonly Record<string, unknown>[], columns: readonly string[]): string {
  const lines = items.map((item) =>
    columns.map((key) => `"${(String(item[key] ?? '') || 'NA').replaceAll('"', '""')}"`).join(',')
  )
  return [columns.join(','), ...lines, ''].join('\r\n')
}
