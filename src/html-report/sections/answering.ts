import { barsChart } from '../charts/bars.js'
import { daysChart } from '../charts/days.js'
import { sayLacking } from '../charts/hatched.js'
import { type Found, pivot, sum } from '../collect.js'
import { quantile, type Waits } from '../data/waiting.js'
import { numeric, shareOf, table } from '../table.js'
import { percent, sayWait } from '../words.js'
import { beside, nothing, section, subtitle } from './section.js'
import { OUTCOMES, present } from './series.js'

/** In s: where the steps of the picture begin. */
const STEPS = [0, 5, 10, 20, 30, 60, 120, 300]

export function answeringSection(found: Found) {
  const inbound = found.byDay.filter(({ callClass }) => callClass === 'inbound')
  const calls = sum(inbound, (row) => row.calls)
  const answered = sum(
    inbound.filter(({ outcome }) => outcome === 'answered'),
    (row) => row.calls
  )
  return section({
    id: 'answering',
    title: 'Answering and waiting',
    counts: 'inbound calls',
    definition: `Answer rate: inbound calls that a person answered, of all inbound calls: ${percent(answered, calls)}. Waiting: from the start of the call until a person answered; of a call that nobody answered, until its end. A voicemail, an attendant and a queue are no persons.`,
    content: calls === 0 ? [nothing('No inbound calls.')] : [outcomes(found, inbound), ...waits(found)]
  })
}

function outcomes({ frame }: Found, inbound: Found['byDay']) {
  const series = present(
    OUTCOMES,
    inbound.map(({ outcome }) => outcome)
  )
  const amountOf = pivot(
    inbound,
    ({ day, outcome }) => [Date.parse(String(day)), String(outcome)],
    (row) => row.calls
  )
  const all = sum(inbound, (row) => row.calls)
  return beside(
    daysChart({
      label: 'Inbound calls by day and outcome, stacked bars; the table has the numbers.',
      frame,
      series,
      amountOf,
      say: (value) => value.toLocaleString('en-US')
    }),
    table({
      caption: 'Inbound calls by outcome',
      columns: ['Outcome', 'Calls', 'Share'],
      rows: series.map(({ key, label }) => {
        const calls = sum(
          inbound.filter(({ outcome }) => outcome === key),
          (row) => row.calls
        )
        return [label, numeric(calls), shareOf(calls, all)]
      })
    })
  )
}

function waits({ waiting, frame }: Found) {
  const series = [
    { key: 'answered', label: 'Answered by a person', colour: 'var(--series-1)' },
    { key: 'unanswered', label: 'Not answered', colour: 'var(--series-2)' }
  ]
  return [
    subtitle('How long callers waited'),
    beside(
      barsChart({
        label: 'Inbound calls by how long they waited, answered and not; the table has the numbers.',
        lacking: sayLacking(frame),
        series,
        rows: STEPS.map((from, index) => ({
          name: sayStep(from, STEPS[index + 1]),
          values: [waiting.answered, waiting.unanswered].map((all) => within(all, from, STEPS[index + 1]))
        })),
        say: (value) => value.toLocaleString('en-US')
      }),
      table({
        caption: 'Waiting of inbound calls',
        columns: ['Calls', 'Number', 'Median', '90 %', 'Longest'],
        rows: (
          [
            ['Answered by a person', waiting.answered],
            ['Not answered', waiting.unanswered]
          ] as const
        ).map(([name, all]) => [
          name,
          numeric(sum(all, ({ calls }) => calls)),
          ...[0.5, 0.9, 1].map((share) => {
            const seconds = quantile(all, share)
            return { shown: sayWait(seconds), value: seconds ?? -1 }
          })
        ])
      })
    )
  ]
}

function within(all: readonly Waits[], from: number, to = Number.POSITIVE_INFINITY): number {
  return sum(
    all.filter(({ seconds }) => seconds >= from && seconds < to),
    ({ calls }) => calls
  )
}

function sayStep(from: number, to: number | undefined): string {
  const say = (seconds: number) => (seconds < 60 ? `${seconds} s` : `${seconds / 60} min`)
  if (to === undefined) return `${say(from)} and longer`
  return from === 0 ? `under ${say(to)}` : `${say(from)} to ${say(to)}`
}
