import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { count, print } from './print.js'
import { benchMemory, benchStart } from './processes.js'
import { benchStore } from './store.js'

const folder = mkdtempSync(join(tmpdir(), 'webex-cdr-bench-'))

try {
  print('Storing 20,000 records, rows a second (median of 5 rounds by turns)')
  for (const { pageSize, loader, bare, ratio } of await benchStore(folder)) {
    print(
      `  pages of ${count(pageSize).padStart(5)}: loader ${count(loader)}, bare prepared inserts ${count(bare)}, ratio ${ratio.toFixed(2)} (aim: at least 0.8)`
    )
  }
  print('Peak memory of a sync process, few and many records in pages of one size')
  for (const results of await benchMemory(folder)) {
    const told = results.map(({ records, peak }) => `${count(records)} records ${count(peak)} MiB`).join(', ')
    const [few, many] = results.map(({ peak }) => peak)
    print(
      `  pages of ${count(results[0]?.pageSize ?? 0)}: ${told}, ratio ${((many ?? 0) / (few ?? 1)).toFixed(2)} (aim: at most 1.2)`
    )
  }
  const { noopSync, bareStart, ratio } = await benchStart(folder)
  print('A sync that finds nothing, as a whole process (median of 9 rounds by turns)')
  print(
    `  ${count(noopSync)} ms; Node with typeorm and axios loaded ${count(bareStart)} ms; ratio ${ratio.toFixed(2)} (aim: under 2)`
  )
} finally {
  rmSync(folder, { recursive: true })
}
