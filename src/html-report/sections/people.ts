import { barsChart } from '../charts/bars.js'
import { sayLacking } from '../charts/hatched.js'
import { type Found, pivot, sum } from '../collect.js'
import { MOST_ROWS, numeric, shareOf, table } from '../table.js'
import { named, placed, plural, sayMinutes } from '../words.js'
import { beside, nothing, section, stacked } from './section.js'
import { CLASSES, present } from './series.js'

const MOST_BARS = 12

export function locationsSection({ byPlace, frame }: Found) {
  const calls = pivot(
    byPlace,
    ({ location, callClass }) => [location ?? '', String(callClass)],
    (row) => row.calls
  )
  const series = present(
    CLASSES,
    byPlace.map(({ callClass }) => callClass)
  )
  const rows = [...new Set(byPlace.map(({ location }) => location ?? ''))]
    .map((location) => {
      const here = byPlace.filter((row) => (row.location ?? '') === location)
      const inbound = here.filter(({ callClass }) => callClass === 'inbound')
      return {
        location,
        calls: sum(here, (row) => row.calls),
        inbound: sum(inbound, (row) => row.calls),
        answered: sum(inbound, (row) => row.answered),
        talkSeconds: sum(here, (row) => row.talkSeconds)
      }
    })
    .sort((a, b) => b.calls - a.calls)
  return section({
    id: 'locations',
    title: 'Locations',
    counts: 'calls',
    definition:
      'A call counts for the location of its caller, a call from outside for the location that it first came to. Answer rate: inbound calls that a person answered.',
    content: [
      beside(
        barsChart({
          label: 'Locations by calls and class; the table has the numbers.',
          lacking: sayLacking(frame),
          series,
          rows: rows.slice(0, MOST_BARS).map(({ location }) => ({
            name: location,
            values: series.map(({ key }) => calls(location, key))
          })),
          say: (value) => value.toLocaleString('en-US')
        }),
        table({
          caption: 'Locations',
          columns: ['Location', 'Calls', 'Inbound', 'Answer rate', 'Talk minutes'],
          rows: rows
            .slice(0, MOST_ROWS)
            .map(({ location, calls, inbound, answered, talkSeconds }) => [
              named(location),
              numeric(calls),
              numeric(inbound),
              shareOf(answered, inbound),
              { shown: sayMinutes(talkSeconds), value: talkSeconds }
            ]),
          more: rows.length - MOST_ROWS
        })
      )
    ]
  })
}

export function usersSection({ people, frame }: Found) {
  return section({
    id: 'users',
    title: 'Users',
    counts: 'calls made, parties rung',
    definition: `Users, workspaces and virtual lines. Made: calls of which they were the caller. Rung: times that a call was put to them; in a hunt group several are rung by one call. Elsewhere: a colleague was quicker. Missed: it rang, and nobody answered. Masked records have no names and are together. ${plural(people.length, 'user')}.`,
    content:
      people.length === 0
        ? [nothing('No calls of users.')]
        : [
            stacked(
              barsChart({
                label: 'The users with the most calls; the table has the numbers.',
                lacking: sayLacking(frame),
                isWhole: true,
                series: [
                  { key: 'made', label: 'Made', colour: 'var(--series-2)' },
                  { key: 'answered', label: 'Answered', colour: 'var(--series-1)' },
                  { key: 'missed', label: 'Missed', colour: 'var(--series-4)' }
                ],
                rows: people.slice(0, MOST_BARS).map(({ name, made, answered, missed }) => ({
                  name: name ?? '',
                  values: [made, answered, missed]
                })),
                say: (value) => value.toLocaleString('en-US')
              }),
              table({
                caption: 'Users with the most calls',
                columns: [
                  ...['Name', 'Location', 'Made', 'Rung', 'Answered'],
                  ...['Elsewhere', 'Missed', 'Talk minutes']
                ],
                rows: people
                  .slice(0, MOST_ROWS)
                  .map((person) => [
                    named(person.name),
                    placed(person.location),
                    numeric(person.made),
                    numeric(person.rung),
                    numeric(person.answered),
                    numeric(person.elsewhere),
                    numeric(person.missed),
                    { shown: sayMinutes(person.talkSeconds), value: person.talkSeconds }
                  ]),
                more: people.length - MOST_ROWS
              })
            )
          ]
  })
}
