import * as Plot from '@observablehq/plot'
import { DAY, HOUR } from '../../coverage/rules.js'
import type { Html } from '../../html.js'
import { type Frame, lengthOf } from '../frame.js'
import { sayShortDay, sayTime } from '../words.js'
import { figure, HATCH } from './figure.js'

/** The whole period as one strip, in UTC: where it has its data, and where it lacks some. */
export function coverageStrip({ period: { since, until }, missing }: Frame): Html {
  const step = until - since > 3 * DAY ? DAY : 3 * HOUR
  const ticks: Date[] = []
  for (let tick = Math.ceil(since / step) * step; tick < until; tick += step) ticks.push(new Date(tick))
  const least = (until - since) / 300
  return figure({
    label: `The period as a strip, hatched where data lacks: ${Math.round(lengthOf(missing))} hours.`,
    legend: [{ key: 'data', label: 'complete', colour: 'var(--good)' }],
    hatched: missing.length > 0 ? 'no data, or incomplete' : '',
    isWhole: true,
    draw: ({ isNarrow }) => ({
      height: isNarrow ? 52 : 60,
      marginLeft: 8,
      marginRight: 8,
      marginTop: 4,
      marginBottom: 24,
      x: {
        type: 'utc',
        domain: [since, until],
        ticks: ticks.filter((_, index) => index % Math.ceil(ticks.length / (isNarrow ? 5 : 12)) === 0),
        tickFormat: (tick: Date) =>
          tick.getTime() % DAY === 0 ? sayShortDay(tick.getTime()) : tick.toISOString().slice(11, 16),
        tickSize: 3,
        label: null
      },
      marks: [
        Plot.rect([{ since, until }], { x1: 'since', x2: 'until', fill: 'var(--good)' }),
        Plot.rect(missing, {
          x1: 'start',
          x2: ({ start, end }) => Math.max(end, start + least),
          fill: 'var(--paper)'
        }),
        Plot.rect(missing, {
          x1: 'start',
          x2: ({ start, end }) => Math.max(end, start + least),
          fill: HATCH,
          title: ({ start, end }) => `No data, or incomplete\n${sayTime(start)} to ${sayTime(end)} UTC`
        })
      ]
    })
  })
}
