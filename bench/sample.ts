import { chooseDialect, type Dialect } from '../src/entities/dialect.js'
import type { RawJson } from '../src/entities/index.js'
import type { CdrRow } from '../src/record/record.js'
import { startSimulator } from '../src/simulator/index.js'

/** Rows of the simulator's records of the last two days: at most 28,000. */
export async function sampleRows(
  dialect: Dialect,
  records: number,
  keeping: RawJson = 'all'
): Promise<CdrRow[]> {
  chooseDialect(dialect)
  const { preparePage } = await import('../src/record/page.js')
  const simulator = await startSimulator({ recordsPerHour: 600 })
  const now = Date.now()
  const items = [...simulator.truth(now - 48 * 3_600_000, now).values()].slice(0, records)
  await simulator.close()
  return [...preparePage(items, keeping).rows()]
}
