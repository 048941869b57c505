import type { EntityManager } from 'typeorm'
import { collect, sum } from './collect.js'
import { isWhole } from './frame.js'
import { reportPage } from './page.js'
import type { Period } from './period.js'

export interface Report {
  html: string
  calls: number
  /** Whether the period has all its data, but for what the next sync reads. */
  isWhole: boolean
}

/** @param now in ms since 1970 UTC */
export async function makeReport(manager: EntityManager, period: Period, now: number): Promise<Report> {
  const found = await collect(manager, period, now)
  return {
    html: reportPage(found),
    calls: sum(found.byPlace, ({ calls }) => calls),
    isWhole: isWhole(found.frame)
  }
}
