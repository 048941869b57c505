import { linesChart } from '../charts/days.js'
import { type Found, sum } from '../collect.js'
import { type Cell, MOST_ROWS, numeric, table } from '../table.js'
import { named, sayMinutes, sayTime } from '../words.js'
import { beside, nothing, section } from './section.js'

const MOST_LINES = 6

export function trunksSection({ trunks, frame }: Found) {
  const all = [...new Set(trunks.map(({ trunk }) => trunk))].map((trunk) => {
    const hours = trunks.filter((row) => row.trunk === trunk)
    const busiest = hours.reduce((most, row) => (row.peak > most.peak ? row : most))
    return { trunk, hours, busiest }
  })
  const sorted = all.sort((a, b) => b.busiest.peak - a.busiest.peak)
  const series = sorted.slice(0, MOST_LINES).map(({ trunk }, index) => ({
    key: String(index),
    label: named(trunk, 40),
    colour: `var(--series-${index + 1})`
  }))
  const peaks = new Map<string, number>()
  for (const [index, { hours }] of sorted.slice(0, MOST_LINES).entries()) {
    for (const { hour, peak } of hours) {
      const key = `${Date.parse(String(hour).slice(0, 10))}\n${index}`
      peaks.set(key, Math.max(peaks.get(key) ?? 0, peak))
    }
  }
  return section({
    id: 'trunks',
    title: 'Trunks at their peaks',
    counts: 'legs at once',
    definition:
      'The most legs that held a trunk at one moment. A leg from outside holds it until the call ends, a leg to outside until the leg ends. Hours and days are of the location of the call.',
    content:
      series.length === 0
        ? [nothing('No calls over trunks.')]
        : [
            beside(
              linesChart({
                label: 'The most legs at once on each trunk, by day; the table has the highest.',
                frame,
                series,
                amountOf: (day, key) => peaks.get(`${day}\n${key}`) ?? 0,
                say: (value) => `${value.toLocaleString('en-US')} at once`
              }),
              table({
                caption: 'Trunks',
                columns: ['Trunk', 'Peak', 'In the hour of', 'Legs', 'Minutes held'],
                rows: sorted
                  .slice(0, MOST_ROWS)
                  .map(({ trunk, hours, busiest }): Cell[] => [
                    named(trunk),
                    numeric(busiest.peak),
                    momentOf(busiest.hour),
                    numeric(sum(hours, ({ legs }) => legs)),
                    minutesOf(sum(hours, ({ seconds }) => seconds))
                  ]),
                more: sorted.length - MOST_ROWS
              })
            )
          ]
  })
}

function momentOf(hour: string | null): Cell {
  const value = Date.parse(`${hour?.replace(' ', 'T')}:00Z`)
  return { shown: sayTime(value), value }
}

function minutesOf(seconds: number): Cell {
  return { shown: sayMinutes(seconds), value: seconds }
}
