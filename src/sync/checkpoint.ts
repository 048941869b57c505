import type { EntityManager } from 'typeorm'
import type { Now } from '../clock.js'
import { asking, withRead } from '../coverage/coverage.js'
import type { Plan } from '../coverage/plan.js'
import { RULES } from '../coverage/rules.js'
import type { RunTrack } from '../coverage/scope.js'
import { changeCoverage } from '../coverage/table.js'
import type { Checkpoint } from './page-store.js'
import type { WindowPage } from './window-pages.js'
import type { AskedWindow } from './window-reader.js'

interface CheckingRun {
  /** By the service's clock, where its answers tell it. */
  parts: { now: Now }
  track: RunTrack
  plan: Plan
  account: { watermark: number | undefined }
}

/** With the last page of a window: that it is read, and the watermark. */
export function checkpointOf(
  run: CheckingRun,
  window: AskedWindow,
  { last, doubt }: Pick<WindowPage, 'last' | 'doubt'>
): Checkpoint {
  if (!last) return {}
  const { plan, account } = run
  return {
    ...(plan.backfill ? {} : { watermark: Math.max(account.watermark ?? window.end, window.end) }),
    ...(doubt === undefined ? { cover: (manager) => cover(manager, run, window) } : {})
  }
}

async function cover(
  manager: EntityManager,
  { parts, track, plan }: CheckingRun,
  { start, end, asked }: AskedWindow
): Promise<void> {
  const { asks } = plan
  const { settling } = RULES[track.source]
  // What lies behind is yet to come, though a clock that was wrong may have asked for it.
  const read = Math.min(asked, parts.now()) - settling
  await changeCoverage(manager, track.scope, (coverage) =>
    withRead(asks ? asking(coverage, asks) : coverage, track.source, {
      start,
      end: Math.min(end, read),
      read
    })
  )
}
