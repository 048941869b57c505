import { barsChart } from '../charts/bars.js'
import { sayLacking } from '../charts/hatched.js'
import { type Found, pivot, sum } from '../collect.js'
import { type Cell, numeric, shareOf, table } from '../table.js'
import { named, placed, plural, sayTime, sayWait } from '../words.js'
import { beside, nothing, section } from './section.js'
import { OUTCOMES, seriesOf } from './series.js'

export function emergencySection({ emergency: { listed, total } }: Found) {
  return section({
    id: 'emergency',
    title: 'Emergency calls',
    counts: 'calls',
    definition: `Calls of which any leg has the call type SIP_EMERGENCY, test calls included, in the time of their location. ${plural(total, 'call')}.`,
    content:
      total === 0
        ? [nothing('No emergency calls.')]
        : [
            table({
              caption: 'Emergency calls, the newest first',
              columns: ['Time', 'Location', 'Caller', 'From', 'To', 'Outcome', 'Talk time'],
              rows: listed.map((call): Cell[] => [
                { shown: sayTime(call.startLocal.getTime()), value: call.startLocal.getTime() },
                placed(call.locationName),
                named(call.callingName),
                placed(call.callingNumber),
                placed(call.calledNumber),
                OUTCOMES.find(({ key }) => key === call.outcome)?.label ?? '',
                {
                  shown: call.talkSeconds > 0 ? sayWait(call.talkSeconds) : '–',
                  value: call.talkSeconds
                }
              ]),
              more: total - listed.length
            })
          ]
  })
}

export function spamSection({ spam, frame }: Found) {
  const sorted = spam.toSorted((a, b) => b.calls - a.calls)
  const all = sum(spam, ({ calls }) => calls)
  return section({
    id: 'spam',
    title: 'Spam',
    counts: 'calls',
    definition:
      'Calls whose caller Webex has looked up, by what its reputation led to (Caller Reputation Service Result).',
    content:
      all === 0
        ? [nothing('Webex has looked up no caller.')]
        : [
            beside(
              barsChart({
                label: 'Calls by the result of the look-up; the table has the numbers.',
                lacking: sayLacking(frame),
                series: [{ key: 'calls', label: 'Calls', colour: 'var(--series-1)' }],
                rows: sorted.map(({ result, calls }) => ({ name: result ?? '', values: [calls] })),
                say: (value) => value.toLocaleString('en-US')
              }),
              table({
                caption: 'Calls by the reputation of the caller',
                columns: ['Result', 'Calls', 'Share', 'Answered by a person'],
                rows: sorted.map(({ result, calls, answered }) => [
                  named(result),
                  numeric(calls),
                  shareOf(calls, all),
                  numeric(answered)
                ])
              })
            )
          ]
  })
}

const MOST_BARS = 12

export function recordingsSection({ recordings, frame }: Found) {
  const results = [...new Set(recordings.map(({ result }) => result ?? ''))].sort((a, b) =>
    a === 'successful' ? -1 : b === 'successful' ? 1 : a.localeCompare(b)
  )
  const series = seriesOf(
    Object.fromEntries(results.slice(0, 8).map((result) => [result, named(result, 40)]))
  )
  const calls = pivot(
    recordings,
    ({ location, result }) => [location ?? '', result ?? ''],
    (row) => row.calls
  )
  const ofPlace = (place: string) => sum(results, (result) => calls(place, result))
  const places = [...new Set(recordings.map(({ location }) => location ?? ''))].sort(
    (a, b) => ofPlace(b) - ofPlace(a)
  )
  return section({
    id: 'recordings',
    title: 'Recordings',
    counts: 'calls',
    definition:
      'Calls that were to be recorded, by Call Recording Result: successful if one of their recordings was.',
    content:
      recordings.length === 0
        ? [nothing('No call was to be recorded.')]
        : [
            beside(
              barsChart({
                label: 'Recorded calls by location and result; the table has the numbers.',
                lacking: sayLacking(frame),
                series,
                rows: places
                  .slice(0, MOST_BARS)
                  .map((place) => ({ name: place, values: series.map(({ key }) => calls(place, key)) })),
                say: (value) => value.toLocaleString('en-US')
              }),
              table({
                caption: 'Recordings by location and result',
                columns: ['Location', 'Calls', ...results.map((result) => named(result, 40))],
                rows: places.map((place) => [
                  named(place),
                  numeric(ofPlace(place)),
                  ...results.map((result) => numeric(calls(place, result)))
                ])
              })
            )
          ]
  })
}
