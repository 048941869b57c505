import { expect, onTestFailed, onTestFinished, test } from 'vitest'
import { startSimulator } from '../../src/simulator/index.js'
import { contract, contractOf, dialect } from '../support/contract.js'
import { isLong } from '../support/long.js'
import { HOUR, SETTLING } from '../support/sync.js'
import { endure, recover } from './campaign.js'
import { FaultQueue } from './fault-queue.js'
import { install } from './installation.js'
import { type PlannedRun, planRuns } from './plan.js'
import { PythonTool } from './python-tool.js'
import { Report } from './report.js'
import { BEGIN, recordsPerHour, runs, seed } from './settings.js'
import { CLEAN, daysOf, judge } from './verdict.js'

const WHAT = `${runs} runs under faults, ${recordsPerHour} records an hour, CAMPAIGN_SEED=${seed}`
const TIME_LIMIT = 180_000 + runs * (30_000 + recordsPerHour * 100)

/** With cdr_feed alone there is no second source that makes up for what the first one leaves out. */
const SOURCES = isLong ? ['auto', 'feed'] : [dialect === 'sqlite' ? 'feed' : 'auto']

function say(lines: readonly string[]): void {
  process.stdout.write(`${lines.join('\n')}\n`)
}

contract('the campaign', () => {
  test.each(SOURCES)(
    `%s, ${WHAT}: none lost, none twice, none stale`,
    async (source) => {
      const sync = ['sync', '--source', source, '--json']
      const report = new Report()
      onTestFailed(() => say(report.lines))
      const started = performance.now()
      const installation = await install({ seed, recordsPerHour }, BEGIN)
      const migrated = await installation.run('migrate')
      expect(migrated.code, migrated.stderr).toBe(0)
      await endure(installation, sync, planRuns(seed, runs), report)
      const verdict = await judge(installation, await recover(installation, sync))

      const { records, lost, twice, stale } = verdict
      const seconds = Math.round((performance.now() - started) / 1_000)
      const result = `${records} records: ${lost.length} lost, ${twice.length} twice, ${stale.length} stale; ${seconds} s`
      if (isLong) say(report.summary(`${dialect}, --source ${source}: ${WHAT}`, result))
      expect(verdict, `seed ${seed}`).toEqual(CLEAN)
      expect(records).toBeGreaterThan(48 * recordsPerHour)
    },
    TIME_LIMIT
  )
})

contractOf('sqlite', 'the Python tool', () => {
  test(
    `loses records in the same ${WHAT}`,
    async () => {
      const plan = planRuns(seed, runs)
      const underFaults = await losses(plan)
      if (isLong) {
        const length = plan.reduce((sum, { advance }) => sum + advance, 0)
        const pauses = plan.map(({ advance }) => advance)
        const rhythm = Array.from({ length: Math.floor(length / RHYTHM) }, () => RHYTHM)
        say([
          `the Python tool: ${WHAT}`,
          `  ${sayLosses(underFaults)}`,
          `  without a fault: ${sayLosses(await losses(pauses.map(calm)))}`,
          `  without a fault, every 15 minutes: ${sayLosses(await losses(rhythm.map(calm)))}`,
          // The sources conflict, so this is what it loses at least.
          `  the same, were windows to go by Report time: ${sayLosses(await losses(rhythm.map(calm), 'report'))}`
        ])
      }
      expect(underFaults.lost).toBeGreaterThan(0)
    },
    TIME_LIMIT
  )
})

/** How often its own scheduled task starts it, in ms. */
const RHYTHM = HOUR / 4

function calm(advance: number): PlannedRun {
  return {
    advance,
    skew: 0,
    faults: [],
    tokenFaults: [],
    event: { kind: 'nothing', after: 0, delay: 0 }
  }
}

interface Losses {
  records: number
  lost: number
}

function sayLosses({ records, lost }: Losses): string {
  return `${records} records: ${lost} lost`
}

/** How many of the records that the service shows the Python tool does not have after these runs. */
async function losses(plan: readonly PlannedRun[], filterBy: 'start' | 'report' = 'start'): Promise<Losses> {
  let moment = BEGIN
  const sim = await startSimulator({ seed, recordsPerHour, filterBy, now: () => moment })
  onTestFinished(() => sim.close())
  const tool = new PythonTool(sim)
  for (const run of plan) {
    moment += run.advance
    const queue = new FaultQueue(sim, { ...run, tokenFaults: [] }, run.lie)
    // A run that is killed, or finds no database, changes nothing.
    if (!['kill', 'stop', 'database away'].includes(run.event.kind)) await tool.run(moment + run.skew)
    await queue.end()
  }
  for (let rest = 0; rest < 33; rest += 1) {
    moment += HOUR
    await tool.run(moment)
  }
  const stored = tool.reportIds()
  const total: Losses = { records: 0, lost: 0 }
  for (const { start, end } of daysOf({ start: BEGIN - 48 * HOUR, end: moment - SETTLING })) {
    const truth = [...sim.truth(start, end).keys()]
    total.records += truth.length
    total.lost += truth.filter((id) => !stored.has(id)).length
  }
  return total
}
