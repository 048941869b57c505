import { daysChart } from '../charts/days.js'
import { type Found, pivot, sum } from '../collect.js'
import type { Pstn } from '../data/pstn.js'
import { MOST_ROWS, numeric, table } from '../table.js'
import { placed, plural, sayMinutes } from '../words.js'
import { beside, nothing, section } from './section.js'

const DIRECTIONS = [
  { key: 'inbound', label: 'Inbound', colour: 'var(--series-1)' },
  { key: 'outbound', label: 'Outbound', colour: 'var(--series-2)' }
]

export function pstnSection({ pstn, frame }: Found) {
  const minutes = pivot(
    pstn,
    ({ day, direction }) => [Date.parse(String(day)), direction],
    ({ seconds }) => seconds / 60
  )
  const rows = byKind(pstn).sort((a, b) => b.seconds - a.seconds)
  const total = sum(pstn, ({ seconds }) => seconds)
  return section({
    id: 'pstn',
    title: 'PSTN minutes',
    counts: 'minutes',
    definition: `Inbound: talk time of answered calls from outside, each once. Outbound: talk time of answered legs to outside, with what was forwarded or transferred there. Not what a provider bills, which rounds up. ${sayMinutes(total)} minutes in all.`,
    content:
      rows.length === 0
        ? [nothing('No answered calls from or to outside.')]
        : [
            beside(
              daysChart({
                label: `PSTN minutes by day and direction, stacked bars. ${plural(Math.round(total / 60), 'minute')}; the table has the numbers.`,
                frame,
                series: DIRECTIONS,
                amountOf: minutes,
                say: (value) => `${Math.round(value).toLocaleString('en-US')} min`
              }),
              table({
                caption: 'PSTN minutes by direction, type, country and vendor',
                columns: ['Direction', 'Call type', 'Country', 'Vendor', 'Legs', 'Minutes'],
                rows: rows
                  .slice(0, MOST_ROWS)
                  .map(({ direction, callType, country, vendor, legs, seconds }) => [
                    DIRECTIONS.find(({ key }) => key === direction)?.label ?? '',
                    placed(callType),
                    placed(country),
                    placed(vendor),
                    numeric(legs),
                    { shown: sayMinutes(seconds), value: seconds }
                  ]),
                more: rows.length - MOST_ROWS
              })
            )
          ]
  })
}

/** All days of a kind together. */
function byKind(pstn: Pstn): Pstn {
  const kinds = new Map<string, Pstn[number]>()
  for (const row of pstn) {
    const key = JSON.stringify([row.direction, row.callType, row.country, row.vendor])
    const { legs, seconds } = kinds.get(key) ?? { legs: 0, seconds: 0 }
    kinds.set(key, { ...row, legs: legs + row.legs, seconds: seconds + row.seconds })
  }
  return [...kinds.values()]
}
