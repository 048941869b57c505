import { daysChart } from '../charts/days.js'
import { type Found, pivot } from '../collect.js'
import { MOST_ROWS, numeric, table } from '../table.js'
import { placed, sayDay } from '../words.js'
import { beside, nothing, section } from './section.js'
import { OUTCOMES } from './series.js'

const FAILED = ['failed', 'blocked', 'refused']

export function failuresSection({ failures, byDay, frame }: Found) {
  const series = OUTCOMES.filter(({ key }) => FAILED.includes(key))
  return section({
    id: 'failures',
    title: 'Failures',
    counts: 'calls',
    definition:
      'Calls that were blocked, refused or failed by the Call outcome reason of their first leg. The table also has those that were busy or that nobody answered, which Webex counts as successful.',
    content:
      failures.length === 0
        ? [nothing('Every call was answered, or left at a service.')]
        : [
            beside(
              daysChart({
                label: 'Calls that failed, were blocked or refused, by day; the table has the reasons.',
                frame,
                series,
                amountOf: pivot(
                  byDay,
                  ({ day, outcome }) => [Date.parse(String(day)), String(outcome)],
                  ({ calls }) => calls
                ),
                say: (value) => value.toLocaleString('en-US')
              }),
              table({
                caption: 'Calls that were not answered, by outcome and reason',
                columns: ['Outcome', 'Reason of Webex', 'Calls', 'Inbound', 'Outbound', 'Internal'],
                rows: failures
                  .toSorted((a, b) => b.calls - a.calls)
                  .slice(0, MOST_ROWS)
                  .map(({ outcome, reason, calls, inbound, outbound, internal }) => [
                    OUTCOMES.find(({ key }) => key === outcome)?.label ?? '',
                    placed(reason),
                    numeric(calls),
                    numeric(inbound),
                    numeric(outbound),
                    numeric(internal)
                  ]),
                more: failures.length - MOST_ROWS
              })
            )
          ]
  })
}

export function routeListsSection({ routeLists, frame }: Found) {
  const series = [
    { key: 'above', label: 'Above the licensed volume', colour: 'var(--series-2)' },
    { key: 'blocked', label: 'Blocked', colour: 'var(--series-8)' }
  ]
  const byDay = new Map(routeLists.map((row) => [Date.parse(String(row.day)), row]))
  return section({
    id: 'route-lists',
    title: 'Route lists',
    counts: 'calls',
    definition:
      'Above the licensed volume: calls during which Webex reported an overage (Route list calls overage). Blocked: calls that Webex ended with RouteListCalls, since the volume and its reserve were used up.',
    content:
      routeLists.length === 0
        ? [nothing('Route lists stayed within the licensed volume, or are not used.')]
        : [
            beside(
              daysChart({
                label: 'Calls above the licensed volume of route lists, and blocked ones, by day.',
                frame,
                series,
                amountOf: (day, key) => byDay.get(day)?.[key as 'above' | 'blocked'] ?? 0,
                say: (value) => value.toLocaleString('en-US')
              }),
              table({
                caption: 'Route lists by day',
                columns: ['Day', 'Calls above', 'Most above at once', 'Blocked'],
                rows: routeLists.map(({ day, above, mostAbove, blocked }) => [
                  { shown: sayDay(Date.parse(String(day))), value: Date.parse(String(day)) },
                  numeric(above),
                  numeric(mostAbove),
                  numeric(blocked)
                ])
              })
            )
          ]
  })
}
