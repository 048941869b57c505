import { expect } from 'vitest'
import type { Ended } from '../support/cli.js'
import { HOUR, type Row, SETTLING } from '../support/sync.js'
import type { LieName } from './faults.js'
import type { Installation } from './installation.js'
import { perform } from './perform.js'
import type { PlannedRun } from './plan.js'
import type { Report } from './report.js'
import { momentOf } from './verdict.js'

/** What a scheduler may see: success, a failure, SIGINT, SIGTERM, killed. */
const EXITS = [0, 1, 130, 143, null]
const QUARANTINED = 'QuarantinedRecord'
/** None of them makes a sync fail. */
const HARMLESS = ['nothing', 'expired tokens', 'second sync', 'stream refused', 'wrong clock']

/** Starts the program again and again as the plan has it, and mends nothing between. */
export async function endure(
  installation: Installation,
  sync: readonly string[],
  plan: readonly PlannedRun[],
  report: Report
): Promise<void> {
  const { clock, sim } = installation
  let moment = clock.now()
  let servedFrom = 0
  const lies: LieName[] = []
  for (const [index, run] of plan.entries()) {
    moment += run.advance
    clock.set(moment)
    if (run.event.kind === 'stream refused') {
      sim.refuseStream(run.event.status)
      servedFrom = index + run.event.runs
    } else if (index >= servedFrom) sim.refuseStream(undefined)
    if (run.lie) lies.push(run.lie)
    const lie = run.event.kind !== 'wrong clock' && (await mayLie(installation)) ? lies[0] : undefined
    const performed = await perform(installation, sync, run, lie)
    if (lie && performed.met.includes(lie)) lies.shift()
    report.add(index, run, performed)

    const where = `run ${index + 1}`
    const { ended, second, met, struck } = performed
    for (const { code, stdout, stderr } of [ended, ...(second ? [second] : [])]) {
      expect(EXITS, `${where}: ${stderr}`).toContain(code)
      expect(stdout + stderr, where).not.toMatch(installation.secrets)
      if (code === 1) expect(stderr, where).toMatch(/^webex-cdr: .+\n$/m)
    }
    const calm = met.length === 0 && (!struck || HARMLESS.includes(run.event.kind))
    if (calm) expect(ended.code, `${where}: ${ended.stderr}`).toBe(0)
    if (calm && run.event.kind === 'wrong clock') {
      expect(ended.stdout, where).toMatch(
        /the clock of this machine is \d+ s (ahead of|behind) the service’s/
      )
    }
  }
}

/**
 * Without faults from now on: three syncs in which all comes that may come late, and whatever the program then says
 * to run.
 * @returns when the newest sync began, in ms since 1970 UTC
 */
export async function recover(installation: Installation, sync: readonly string[]): Promise<number> {
  const { clock, sim } = installation
  sim.refuseStream(undefined)
  const run = async (...args: readonly string[]) => succeeded(await installation.run(...args))
  for (let rest = 0; rest < 3; rest += 1) {
    clock.set(clock.now() + 11 * HOUR)
    await run(...sync)
  }
  const { gaps, openErrors } = JSON.parse(await run('stats', '--json'))
  const types: string[] = openErrors.map(({ type }: { type: string }) => type)
  if (types.includes(QUARANTINED)) await run('sync', '--retry-quarantined')
  if (gaps.length > 0 || types.some((type) => type !== QUARANTINED)) await run('sync', '--fill-gaps')
  // What comes late, cdr_feed alone finds in its daily run.
  if (sync.includes('feed')) clock.set(clock.now() + 25 * HOUR)
  const began = clock.now()
  await run(...sync)
  return began
}

function succeeded({ code, stdout, stderr }: Ended): string {
  expect(code, stderr).toBe(0)
  return stdout
}

/**
 * Whether what the first answer hides can be found again. A service that hides a record from cdr_stream, and again
 * from the daily run of cdr_feed, hides it for good: so only while no daily run is due, and no more is to be caught up
 * than one request covers.
 */
async function mayLie({ clock, database }: Installation): Promise<boolean> {
  const now = clock.now()
  const runs = await database.query<Row>(
    "SELECT source, range_start_utc, range_end_utc FROM cdr_sync_state WHERE status = 'succeeded'"
  )
  const refusals = await database.query<Row>(
    "SELECT last_seen_utc FROM cdr_sync_errors WHERE error_type = 'SourceRefused' AND recovered = 0"
  )
  const isRecent = (hours: number) => (moment: unknown) => momentOf(moment) > now - hours * HOUR
  const ends = (source: string, least: number) =>
    runs
      .filter((run) => run.source === source)
      .filter((run) => momentOf(run.range_end_utc) - momentOf(run.range_start_utc) >= least)
      .map((run) => run.range_end_utc)
  const isStreamed = ends('cdr_stream', 0).some(isRecent(11))
  const isRefused = refusals.map((refusal) => refusal.last_seen_utc).some(isRecent(20))
  const isAlone = isRefused || !runs.some((run) => run.source === 'cdr_stream')
  const isFed = ends('cdr_feed', 0).some(isRecent(11))
  return ends('cdr_feed', 48 * HOUR - SETTLING).some(isRecent(23)) && (isStreamed || (isAlone && isFed))
}
