import { expect, test } from 'vitest'
import { hoursOfWeek } from '../../src/html-report/charts/week.js'
import { completeHours, frameOf, lengthOf } from '../../src/html-report/frame.js'

const HOUR = 3_600_000
const DAY = 24 * HOUR
/** A Monday. */
const MONDAY = Date.UTC(2026, 10, 2)
const WEEK = { since: MONDAY, until: MONDAY + 7 * DAY, locations: [] }
const always = (minutes: number) => ({ minutes, first: WEEK.since, last: WEEK.until })

test('a period has whole days of the locations, and what is outside it lacks', () => {
  const { extent, days, missingLocal } = frameOf(WEEK, [], [always(60), always(-300)])
  expect(extent).toEqual({ start: MONDAY - DAY, end: MONDAY + 8 * DAY })
  expect(days).toHaveLength(9)
  // The last to begin and the first to end decide.
  expect(missingLocal).toEqual([
    { start: MONDAY - DAY, end: MONDAY + HOUR },
    { start: MONDAY + 7 * DAY - 5 * HOUR, end: MONDAY + 8 * DAY }
  ])
})

test('what lacks is shifted by the time that was in force then', () => {
  const winter = { minutes: 60, first: MONDAY + 3 * DAY, last: WEEK.until }
  const summer = { minutes: 120, first: WEEK.since, last: MONDAY + 2 * DAY }
  const hole = { start: MONDAY + DAY, end: MONDAY + DAY + HOUR }
  const { missingLocal } = frameOf(WEEK, [hole], [summer, winter])
  expect(missingLocal).toContainEqual({ start: hole.start + 2 * HOUR, end: hole.end + 2 * HOUR })
})

test('without calls the days are those of UTC', () => {
  const { extent, missingLocal } = frameOf(WEEK, [], [])
  expect(extent).toEqual({ start: WEEK.since, end: WEEK.until })
  expect(missingLocal).toEqual([])
})

test('an hour that lacks a minute is not complete', () => {
  const hole = { start: MONDAY + 90 * 60_000, end: MONDAY + 91 * 60_000 }
  const hours = completeHours(frameOf(WEEK, [hole], [always(0)]))
  expect(hours).toHaveLength(7 * 24 - 1)
  expect(hours).not.toContain(MONDAY + HOUR)
  expect(lengthOf([hole])).toBeCloseTo(1 / 60)
})

test('an hour of the week is the mean of the hours that have their data', () => {
  const period = { ...WEEK, until: WEEK.since + 14 * DAY }
  const hole = { start: MONDAY + 7 * DAY + 9 * HOUR, end: MONDAY + 7 * DAY + 10 * HOUR }
  const frame = frameOf(period, [hole], [always(0)])
  const calls = new Map([
    [MONDAY + 9 * HOUR, 30],
    [hole.start, 2],
    [MONDAY + DAY + 9 * HOUR, 10]
  ])
  const cells = hoursOfWeek(frame, calls)
  expect(cells[9]).toEqual({ weekday: 0, hour: 9, complete: 1, incomplete: 1, mean: 30 })
  expect(cells[24 + 9]).toEqual({ weekday: 1, hour: 9, complete: 2, incomplete: 0, mean: 5 })
})
