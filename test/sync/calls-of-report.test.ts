import { expect, test } from 'vitest'
import { CallsOfReport } from '../../src/sync/calls-of-report.js'
import { DAY, HOUR } from '../support/sync.js'

/** From the 19th to the 27th of October in Berlin, where clocks go back on the 25th. */
const start = Date.parse('2026-10-18T22:00:00Z')
const covers = { start, end: start + 9 * DAY + HOUR, read: start + 30 * DAY, isClaimed: true }
const began = (moment: number) => ({ 'Start time': new Date(moment).toISOString() })

function coveredBy(...moments: number[]) {
  const calls = new CallsOfReport(covers)
  calls.add(moments.map(began))
  const remarks: string[] = []
  const ranges = calls.covered(covers, start + 90 * DAY, { remark: (text) => void remarks.push(text) })
  return { ranges: ranges.map((range) => [range.start - start, range.end - start]), remarks }
}

test('the last of the days has the hour that clocks go back', () => {
  const { ranges, remarks } = coveredBy(start)
  expect(ranges).toEqual([[0, DAY]])
  expect(remarks).toEqual([
    'no call began from 2026-10-20 to 2026-10-27: these days do not count as complete'
  ])
  expect(coveredBy(start, covers.end - 1).ranges).toEqual([[0, 9 * DAY + HOUR]])
})

test('a week without a call is a holiday, and is told', () => {
  const { ranges, remarks } = coveredBy(start + HOUR, start + 8 * DAY)
  expect(ranges).toEqual([[0, 9 * DAY + HOUR]])
  expect(remarks).toEqual(['no call began from 2026-10-20 to 2026-10-26'])
})
