import * as Plot from '@observablehq/plot'
import { DAY, HOUR } from '../../coverage/rules.js'
import type { Html } from '../../html.js'
import { completeHours, type Frame } from '../frame.js'
import { figure, HATCH } from './figure.js'
import { sayHatched } from './hatched.js'

/** An hour of the week, of all weeks of a period. */
export interface HourOfWeek {
  /** From Monday, 0 to 6. */
  weekday: number
  hour: number
  /** Hours of the period that have all their data, and that have not. */
  complete: number
  incomplete: number
  /** Calls a complete hour. */
  mean: number
}

export const WEEKDAYS = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun']
const STEPS = 6

/** Only hours that have all their data count, so that a hole makes no hour quiet. */
export function hoursOfWeek(frame: Frame, calls: ReadonlyMap<number, number>): HourOfWeek[] {
  const complete = new Set(completeHours(frame))
  const cells = Array.from({ length: 7 * 24 }, (_, index) => ({
    weekday: Math.floor(index / 24),
    hour: index % 24,
    complete: 0,
    incomplete: 0,
    mean: 0
  }))
  const sums = cells.map(() => 0)
  for (let hour = frame.extent.start; hour < frame.extent.end; hour += HOUR) {
    // 1 January 1970 was a Thursday.
    const weekday = (Math.floor(hour / DAY) + 3) % 7
    const index = weekday * 24 + (Math.floor(hour / HOUR) % 24)
    const cell = cells[index]!
    if (!complete.has(hour)) cell.incomplete += 1
    else {
      cell.complete += 1
      sums[index]! += calls.get(hour) ?? 0
    }
  }
  return cells.map((cell, index) => ({ ...cell, mean: cell.complete && sums[index]! / cell.complete }))
}

export function weekChart(label: string, frame: Frame, cells: readonly HourOfWeek[]): Html {
  const most = Math.max(...cells.map(({ mean }) => mean))
  const colour = (mean: number) =>
    mean === 0 ? 'var(--heat-0)' : `var(--heat-${Math.min(STEPS, Math.ceil(mean / stepOf(most)))})`
  const square = { x: 'hour', y: 'weekday', inset: 0.5 } as const
  return figure({
    label,
    legend: most === 0 ? [] : steps(most),
    hatched: sayHatched(frame) && 'hours that lack data, which do not count',
    draw: ({ isNarrow }) => ({
      height: isNarrow ? 190 : 230,
      marginLeft: 36,
      marginBottom: 24,
      marginTop: 4,
      marginRight: 4,
      x: {
        type: 'band',
        domain: Array.from({ length: 24 }, (_, hour) => hour),
        tickFormat: (hour: number) => (hour % (isNarrow ? 6 : 3) === 0 ? `${hour}:00` : ''),
        tickSize: 0,
        label: null
      },
      y: {
        type: 'band',
        domain: [0, 1, 2, 3, 4, 5, 6],
        tickFormat: (day: number) => WEEKDAYS[day] ?? '',
        tickSize: 0,
        label: null
      },
      marks: [
        Plot.cell(
          cells.filter(({ complete }) => complete > 0),
          { ...square, fill: ({ mean }) => colour(mean) }
        ),
        Plot.cell(
          cells.filter(({ complete, incomplete }) => incomplete > 0 && complete === 0),
          { ...square, fill: HATCH }
        ),
        Plot.cell(cells, { ...square, fill: 'transparent', pointerEvents: 'all', title: tipOf })
      ]
    })
  })
}

/** As many calls to a colour that its bounds are short numbers. */
function stepOf(most: number): number {
  const least = most / STEPS
  const power = 10 ** Math.floor(Math.log10(least))
  return ROUND.map((number) => Number((number * power).toPrecision(2))).find((step) => step >= least) ?? least
}

const ROUND = [1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10]

function steps(most: number) {
  const step = stepOf(most)
  return Array.from({ length: Math.ceil(most / step) }, (_, index) => ({
    key: String(index),
    label: `up to ${Number(((index + 1) * step).toPrecision(3)).toLocaleString('en-US')}`,
    colour: `var(--heat-${index + 1})`
  }))
}

function tipOf({ weekday, hour, complete, incomplete, mean }: HourOfWeek): string {
  const rest = incomplete > 0 ? `\n${incomplete} lack data and do not count` : ''
  const what = complete === 0 ? 'no data' : `${mean.toFixed(1)} calls, mean of ${complete}`
  return `${WEEKDAYS[weekday]} ${hour}:00 to ${hour + 1}:00\n${what}${rest}`
}
