import type { EntityManager } from 'typeorm'
import { callsByDay, callsByHour, callsByPlace, offsetsOf } from './data/calls.js'
import { failuresOf } from './data/failures.js'
import { emergencyOf, recordingsOf, spamOf } from './data/marks.js'
import { peopleOf } from './data/people.js'
import { pstnOf } from './data/pstn.js'
import { qualityOf } from './data/quality.js'
import { routeListsOf } from './data/route-lists.js'
import { servicesOf } from './data/services.js'
import { trunksOf } from './data/trunks.js'
import { waitingOf } from './data/waiting.js'
import { type Frame, frameOf } from './frame.js'
import { missingIn } from './missing.js'
import type { Period } from './period.js'

/** What a report is made of. */
export type Found = Awaited<ReturnType<typeof collect>>

/** Everything that a report shows, counted by the database. */
export async function collect(manager: EntityManager, period: Period, now: number) {
  const byPlace = await callsByPlace(manager, period)
  const missing = await missingIn(manager, period, now)
  const frame: Frame = frameOf(period, missing, offsetsOf(byPlace))
  return {
    made: now,
    frame,
    byPlace,
    byDay: await callsByDay(manager, period),
    byHour: await callsByHour(manager, period),
    waiting: await waitingOf(manager, period),
    services: await servicesOf(manager, period),
    people: await peopleOf(manager, period),
    trunks: await trunksOf(manager, period),
    pstn: await pstnOf(manager, period),
    failures: await failuresOf(manager, period),
    routeLists: await routeListsOf(manager, period),
    emergency: await emergencyOf(manager, period),
    spam: await spamOf(manager, period),
    recordings: await recordingsOf(manager, period),
    quality: await qualityOf(manager, period, now)
  }
}

/** The sum of a column. */
export function sum<Row>(rows: readonly Row[], of: (row: Row) => number): number {
  return rows.reduce((all, row) => all + of(row), 0)
}

/** Sums by two keys, such as the day and the class. */
export function pivot<Row>(
  rows: readonly Row[],
  keys: (row: Row) => readonly [string | number, string],
  of: (row: Row) => number
): (first: string | number, second: string) => number {
  const sums = new Map<string, number>()
  for (const row of rows) {
    const key = keys(row).join('\n')
    sums.set(key, (sums.get(key) ?? 0) + of(row))
  }
  return (first, second) => sums.get(`${first}\n${second}`) ?? 0
}
