import * as Plot from '@observablehq/plot'
import { DAY } from '../../coverage/rules.js'
import type { Html } from '../../html.js'
import type { Frame } from '../frame.js'
import { sayDay, sayShortDay } from '../words.js'
import { type Canvas, figure, HATCH, type Series, short } from './figure.js'
import { sayHatched } from './hatched.js'

interface Days {
  label: string
  frame: Frame
  series: readonly Series[]
  /** What there was of a series on a day, by the day's beginning. */
  amountOf: (day: number, series: string) => number
  /** A value for people. */
  say: (value: number) => string
}

/** Stacked bars, one a day. */
export function daysChart({ label, frame, series, amountOf, say }: Days): Html {
  const bars = frame.days.flatMap((day) => {
    let top = 0
    return series.map(({ key, colour }) => {
      const bottom = top
      top += amountOf(day, key)
      return { day, colour, bottom, top }
    })
  })
  const most = Math.max(0, ...bars.map(({ top }) => top))
  const { every, inset } = spacing(frame)
  return figure({
    label,
    legend: series,
    hatched: sayHatched(frame),
    draw: (canvas) => ({
      ...axes(frame, canvas, most),
      marks: [
        ...background(frame),
        Plot.rect(
          bars.filter(({ top, bottom }) => top > bottom),
          {
            x1: ({ day }) => day + inset * DAY,
            x2: ({ day }) => day + (1 - inset) * DAY,
            y1: 'bottom',
            y2: 'top',
            fill: 'colour',
            stroke: 'var(--paper)',
            strokeWidth: every > 1 ? 0 : 0.5
          }
        ),
        ...tips(frame, (day) => tipOf(frame, day, series, amountOf, say))
      ]
    })
  })
}

/** One line for each series, with a dot a day. */
export function linesChart({ label, frame, series, amountOf, say }: Days): Html {
  const dots = series.flatMap(({ key, colour }) =>
    frame.days.map((day) => ({ at: day + DAY / 2, value: amountOf(day, key), key, colour }))
  )
  const most = Math.max(0, ...dots.map(({ value }) => value))
  return figure({
    label,
    legend: series,
    hatched: sayHatched(frame),
    draw: (canvas) => ({
      ...axes(frame, canvas, most),
      marks: [
        ...background(frame),
        Plot.lineY(dots, { x: 'at', y: 'value', z: 'key', stroke: 'colour', strokeWidth: 2 }),
        Plot.dot(dots, { x: 'at', y: 'value', fill: 'colour', r: canvas.isNarrow ? 1.5 : 2.5 }),
        ...tips(frame, (day) => tipOf(frame, day, series, amountOf, say))
      ]
    })
  })
}

function axes({ extent, days }: Frame, { isNarrow }: Canvas, most: number): Plot.PlotOptions {
  const step = Math.ceil(days.length / (isNarrow ? 5 : 8))
  return {
    height: isNarrow ? 220 : 260,
    marginLeft: 44,
    marginBottom: 26,
    marginTop: 10,
    marginRight: 8,
    x: {
      type: 'utc',
      domain: [extent.start, extent.end],
      ticks: days.filter((_, index) => index % step === 0).map((day) => new Date(day + DAY / 2)),
      tickFormat: (noon: Date) => sayShortDay(noon.getTime()),
      tickSize: 0,
      label: null
    },
    // An axis without a number would be no axis.
    y: { domain: [0, Math.max(most, 1)], nice: true, ticks: 5, tickFormat: short, tickSize: 0, label: null }
  }
}

/** Of some months the bars stand side by side. */
function spacing({ days }: Frame) {
  return { every: Math.ceil(days.length / 92), inset: days.length > 92 ? 0 : 0.12 }
}

function background({ missingLocal, extent }: Frame) {
  // However short, it is seen.
  const least = (extent.end - extent.start) / 300
  return [
    Plot.gridY({ stroke: 'var(--grid)', strokeOpacity: 1, ticks: 5 }),
    Plot.rect(missingLocal, {
      x1: 'start',
      x2: ({ start, end }) => Math.max(end, start + least),
      fill: HATCH
    }),
    Plot.ruleY([0], { stroke: 'var(--axis)' })
  ]
}

/** What the pointer and the arrow keys find: a whole day. */
function tips({ days }: Frame, say: (day: number) => string) {
  return [
    Plot.rect(days, {
      x1: (day) => day,
      x2: (day) => day + DAY,
      fill: 'transparent',
      pointerEvents: 'all',
      title: say
    })
  ]
}

function tipOf(
  { missingLocal }: Frame,
  day: number,
  series: readonly Series[],
  amountOf: Days['amountOf'],
  say: Days['say']
): string {
  const lacks = missingLocal.some(({ start, end }) => start < day + DAY && end > day)
  return [
    sayDay(day),
    ...series.flatMap(({ key, label }) =>
      amountOf(day, key) > 0 ? [`${label}: ${say(amountOf(day, key))}`] : []
    ),
    ...(lacks ? ['Some hours of this day lack data'] : [])
  ].join('\n')
}
