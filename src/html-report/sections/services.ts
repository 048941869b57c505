import { barsChart } from '../charts/bars.js'
import { sayLacking } from '../charts/hatched.js'
import type { Found } from '../collect.js'
import { MOST_ROWS, numeric, shareOf, table } from '../table.js'
import { named, placed, sayWait } from '../words.js'
import { nothing, section, stacked, subtitle } from './section.js'

const KINDS: Record<string, string> = {
  queue: 'Queue',
  hunt_group: 'Hunt group',
  attendant: 'Attendant',
  ai_receptionist: 'AI Receptionist'
}
const MOST_BARS = 12

export function servicesSection({ services, frame }: Found) {
  const sorted = services.toSorted((a, b) => b.offered - a.offered)
  const queues = sorted.filter(({ kind }) => kind === 'queue' || kind === 'hunt_group')
  const attendants = sorted.filter((row) => !queues.includes(row))
  return section({
    id: 'queues',
    title: 'Queues and hunt groups',
    counts: 'parties',
    definition:
      'A call counts each time it was put to the queue or hunt group. Answered: a person whom it rang answered. Abandoned: the call ended there without a person. Passed on: the call went on to another party. Waiting: until that person answered.',
    content: [
      queues.length === 0
        ? nothing('No calls came to a queue or hunt group.')
        : stacked(
            barsChart({
              label: 'Queues and hunt groups by what became of their calls; the table has the numbers.',
              lacking: sayLacking(frame),
              isWhole: true,
              series: [
                { key: 'answered', label: 'Answered', colour: 'var(--series-1)' },
                { key: 'abandoned', label: 'Abandoned', colour: 'var(--series-2)' },
                { key: 'passedOn', label: 'Passed on', colour: 'var(--series-3)' }
              ],
              rows: queues.slice(0, MOST_BARS).map(({ name, answered, abandoned, passedOn }) => ({
                name: name ?? '',
                values: [answered, abandoned, passedOn]
              })),
              say: (value) => value.toLocaleString('en-US')
            }),
            table({
              caption: 'Queues and hunt groups',
              columns: [
                ...['Name', 'Kind', 'Location', 'Offered', 'Answered', 'Answer rate'],
                ...['Abandoned', 'Passed on', 'Mean wait', 'Longest wait']
              ],
              rows: queues
                .slice(0, MOST_ROWS)
                .map((row) => [
                  named(row.name),
                  KINDS[row.kind ?? ''] ?? '',
                  placed(row.location),
                  numeric(row.offered),
                  numeric(row.answered),
                  shareOf(row.answered, row.offered),
                  numeric(row.abandoned),
                  numeric(row.passedOn),
                  wait(row.answered > 0 ? row.waitSeconds / row.answered : undefined),
                  wait(row.answered > 0 ? row.longestWait : undefined)
                ]),
              more: queues.length - MOST_ROWS
            })
          ),
      ...(attendants.length === 0
        ? []
        : [
            subtitle('Attendants and other services'),
            table({
              caption: 'Attendants and other services',
              columns: ['Name', 'Kind', 'Location', 'Calls', 'Passed on', 'Abandoned'],
              rows: attendants
                .slice(0, MOST_ROWS)
                .map(({ name, kind, location, offered, passedOn, abandoned }) => [
                  named(name),
                  KINDS[kind ?? ''] ?? '',
                  placed(location),
                  numeric(offered),
                  numeric(passedOn),
                  numeric(abandoned)
                ]),
              more: attendants.length - MOST_ROWS
            })
          ])
    ]
  })
}

function wait(seconds: number | undefined) {
  return { shown: sayWait(seconds), value: seconds ?? -1 }
}
