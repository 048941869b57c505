import type { EntityManager } from 'typeorm'
import { completeUntil, settle, unsettled, without } from '../coverage/coverage.js'
import { before, intersect, type Range } from '../coverage/intervals.js'
import { gapsIn, type Plan } from '../coverage/plan.js'
import { DAY, LATENESS, reach } from '../coverage/rules.js'
import type { RunTrack } from '../coverage/scope.js'
import { changeCoverage } from '../coverage/table.js'
import type { RunStatus } from '../entities/index.js'
import { isRefusal } from '../errors.js'
import type { Account } from './account.js'
import {
  recordFailure,
  recordRefusal,
  recordRefusedWindow,
  recoverFailures,
  recoverRefusal
} from './failures.js'
import type { Findings } from './findings.js'
import { tellGaps } from './gaps.js'
import { readKnown } from './known.js'
import { rangeOf } from './result.js'
import type { RunRow } from './run-row.js'
import type { RefusedWindow } from './window-reader.js'

export interface EndedRun {
  track: RunTrack
  plan: Plan
  account: Account
  findings: Findings
  reader: { refused: readonly RefusedWindow[]; hasRead: boolean; reached: number }
  /** From the beginning of the first window to the end of the last one. */
  range: Range
  request: { optional?: boolean; streamOnly?: boolean }
}

export interface Ending {
  status: Exclude<RunStatus, 'running'>
  /** What ended the run before its last window. */
  error?: unknown
}

/**
 * What a run leaves behind: its row, what failed, and the gaps as they are now. Part of a transaction.
 * @param now in ms since 1970 UTC
 * @param again the transaction was begun before
 */
export async function closeRun(
  manager: EntityManager,
  row: RunRow,
  run: EndedRun,
  { status, error }: Ending,
  now: number,
  again: boolean
): Promise<void> {
  // The connection can break while it is being committed, and it was.
  if (again && !(await row.isOpen(manager))) return
  const { track, account, reader } = run
  const runOfTrack = { ...track, runId: row.id }
  for (const { window, error } of reader.refused) {
    const needed = intersect([window], run.plan.needs)
    // What was only to be read again is not waited for.
    if (needed.length === 0) await recordFailure(manager, runOfTrack, error, window)
    else await recordRefusedWindow(manager, runOfTrack, error, rangeOf(needed), now)
  }
  if (error !== undefined) await recordEnd(manager, runOfTrack, run, error, now)
  if (status === 'succeeded') await recoverRefusal(manager, track)
  // A clock that is wrong sees gaps where none are, and has no answer to any request.
  if (reader.hasRead) await review(manager, runOfTrack, run, status, now)
  await row.close(manager, status, account.progress)
}

async function recordEnd(
  manager: EntityManager,
  run: RunTrack & { runId: number },
  { reader, range, request }: EndedRun,
  error: unknown,
  now: number
): Promise<void> {
  if (request.optional && isRefusal(error)) {
    await recordRefusal(manager, run, error, now)
    return
  }
  // What a clock that was wrong asked for can lie ahead.
  const end = Math.min(range.end, now)
  await recordFailure(manager, run, error, { start: Math.min(reader.reached, end), end })
}

/** Tells the gaps, finds what is made good, and up to when all is here. */
async function review(
  manager: EntityManager,
  run: RunTrack & { runId: number },
  { account, findings, request }: EndedRun,
  status: RunStatus,
  now: number
): Promise<void> {
  const { scope } = run
  const known = await readKnown(manager, scope, now)
  const gaps = gapsIn(known, request.streamOnly === true)
  findings.gaps = await tellGaps(manager, run, gaps)
  // What comes late to a range that only was asked for once is not promised, and no run can look for it any more.
  const past = intersect(unsettled(known.coverage, known.lateness, now), [
    before(reach('cdr_feed', now).start)
  ])
  const complete = completeUntil(without(known.coverage, [...gaps, ...past]), known.lateness, now)
  account.completeUntil = complete
  if (complete !== undefined) {
    const old = Math.floor((complete - LATENESS.most) / DAY) * DAY
    await changeCoverage(manager, scope, (coverage) => settle(coverage, gaps, old))
  }
  if (status === 'succeeded') await recoverFailures(manager, scope, known)
}
