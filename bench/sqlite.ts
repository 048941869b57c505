import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { benchExport } from './export.js'
import { benchImportMemory, benchImportSpeed } from './import.js'
import { count, print } from './print.js'
import { benchMemory, benchStart } from './processes.js'
import { benchRecordSize } from './record-size.js'
import { benchReport } from './report.js'
import { benchStore } from './store.js'

const MOST_BYTES = { all: 4_500, rest: 1_700 }

const folder = mkdtempSync(join(tmpdir(), 'webex-cdr-bench-'))

try {
  print('Storing 20,000 records, rows a second (median of 5 rounds by turns)')
  for (const { pageSize, loader, bare, ratio } of await benchStore(folder)) {
    print(
      `  pages of ${count(pageSize).padStart(5)}: loader ${count(loader)}, bare prepared inserts ${count(bare)}, ratio ${ratio.toFixed(2)} (aim: at least 0.95)`
    )
  }
  print('A record of the simulator in SQLite, table and indexes together')
  for (const { keeping, bytes, ofCalls } of await benchRecordSize(folder)) {
    print(
      `  RAW_JSON=${keeping}: ${count(bytes)} bytes (aim: at most ${count(MOST_BYTES[keeping])}), and ${count(ofCalls)} of calls`
    )
  }
  print('Peak memory (max RSS) of a whole sync process, default settings')
  for (const { what, records, peak } of await benchMemory(folder)) {
    print(`  ${count(records)} ${what}: ${count(peak)} MiB (aim: at most 256)`)
  }
  const { noopSync, bareStart, ratio } = await benchStart(folder)
  print('A sync that finds nothing, as a whole process (median of 9 rounds by turns)')
  print(
    `  ${count(noopSync)} ms; Node with typeorm and axios loaded ${count(bareStart)} ms; ratio ${ratio.toFixed(2)} (aim: under 2)`
  )
  const stored = Number(process.env.BENCH_STORED ?? 200_000)
  print(`Exporting ${count(stored)} records, 2,740 a day, as whole processes`)
  for (const { what, seconds, peak } of await benchExport(folder, stored)) {
    print(`  ${what}: ${seconds.toFixed(1)} s, ${count(peak)} MiB`)
  }
  const imported = await benchImportSpeed(folder)
  print(`Importing a report of ${count(imported.rows)} rows, CPU time of a row (median of 3 rounds by turns)`)
  print(
    `  new ${count(imported.fresh)} µs, known ${count(imported.known)} µs; storing its items alone ${count(imported.store)} µs, ratio ${imported.ratio.toFixed(2)} (aim: at least 0.8)`
  )
  for (const { rows, peak } of await benchImportMemory(folder)) {
    print(`  ${count(rows)} rows, as a whole process: ${count(peak)} MiB (aim: at most 256)`)
  }
  print('A report of 30 days, as a whole process (median of 3 rounds)')
  const report = await benchReport(folder)
  print(
    `  ${count(report.calls)} calls of ${count(report.records)} records: ${(report.ms / 1_000).toFixed(1)} s (aim: under 10), CPU time ${(report.cpuMs / 1_000).toFixed(1)} s, ${count(report.peak)} MiB (aim: at most 256)`
  )
} finally {
  rmSync(folder, { recursive: true })
}
