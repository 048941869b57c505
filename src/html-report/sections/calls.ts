import { intersect } from '../../coverage/intervals.js'
import { DAY } from '../../coverage/rules.js'
import { daysChart } from '../charts/days.js'
import { hoursOfWeek, WEEKDAYS, weekChart } from '../charts/week.js'
import { type Found, pivot, sum } from '../collect.js'
import { lengthOf } from '../frame.js'
import { type Cell, numeric, table } from '../table.js'
import { plural, sayDay, sayMinutes } from '../words.js'
import { beside, section } from './section.js'
import { CLASSES, present } from './series.js'

export function callsSection({ byDay, frame }: Found) {
  const series = present(
    CLASSES,
    byDay.map(({ callClass }) => callClass)
  )
  const calls = pivot(
    byDay,
    ({ day, callClass }) => [Date.parse(String(day)), String(callClass)],
    (row) => row.calls
  )
  const talk = pivot(
    byDay,
    ({ day }) => [Date.parse(String(day)), ''],
    (row) => row.talkSeconds
  )
  const hasYears =
    new Date(frame.extent.start).getUTCFullYear() !== new Date(frame.extent.end - 1).getUTCFullYear()
  const ofDay = (day: number) => sum(series, ({ key }) => calls(day, key))
  return section({
    id: 'calls',
    title: 'Calls by day and class',
    counts: 'calls',
    definition:
      'A call counts once, however many people and services it passed, on the day on which it began in the time of its location. Its class is decided by the first leg that touches the world outside.',
    content: [
      beside(
        daysChart({
          label: `Calls by day and class, stacked bars. ${plural(
            sum(byDay, (row) => row.calls),
            'call'
          )}; the table has the numbers.`,
          frame,
          series,
          amountOf: calls,
          say: (value) => value.toLocaleString('en-US')
        }),
        table({
          caption: 'Calls by day',
          columns: [
            'Day',
            'Hours without data',
            'Calls',
            ...series.map(({ label }) => label),
            'Talk minutes'
          ],
          rows: frame.days.map((day) => [
            { shown: sayDay(day, hasYears), value: day },
            numeric(Math.ceil(lengthOf(intersect(frame.missingLocal, [{ start: day, end: day + DAY }])))),
            numeric(ofDay(day)),
            ...series.map(({ key }) => numeric(calls(day, key))),
            { shown: sayMinutes(talk(day, '')), value: talk(day, '') }
          ])
        })
      )
    ]
  })
}

export function weekSection({ byHour, frame }: Found) {
  const cells = hoursOfWeek(frame, byHour)
  const busiest = cells.reduce((most, cell) => (cell.mean > most.mean ? cell : most))
  const at = (weekday: number, hour: number) => cells[weekday * 24 + hour]!
  return section({
    id: 'week',
    title: 'The week in local time',
    counts: 'calls an hour',
    definition:
      'Calls that began in this hour of the week in the time of their location: the mean of the hours in the period. Hours that lack data are left out, so a hole makes no hour look quiet.',
    content: [
      beside(
        weekChart(
          busiest.mean > 0
            ? `Heat map of calls by weekday and hour. The busiest is ${WEEKDAYS[busiest.weekday]} ${busiest.hour}:00 with ${busiest.mean.toFixed(1)} calls; the table has the numbers.`
            : 'Heat map of calls by weekday and hour, without calls.',
          frame,
          cells
        ),
        table({
          caption: 'Calls an hour, by hour and weekday',
          columns: ['Hour', ...WEEKDAYS],
          rows: Array.from({ length: 24 }, (_, hour): Cell[] => [
            { shown: `${hour}:00`, value: hour },
            ...WEEKDAYS.map((_, weekday): Cell => {
              const { complete, mean } = at(weekday, hour)
              return complete === 0
                ? { shown: '–', value: -1 }
                : {
                    shown: mean < 100 ? mean.toFixed(1) : Math.round(mean).toLocaleString('en-US'),
                    value: mean
                  }
            })
          ])
        })
      )
    ]
  })
}
