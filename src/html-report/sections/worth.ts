import { count } from '../../count.js'
import type { Range } from '../../coverage/intervals.js'
import { type Html, html } from '../../html.js'
import { coverageStrip } from '../charts/strip.js'
import { type Found, sum } from '../collect.js'
import { type Frame, isWhole, lengthOf } from '../frame.js'
import { named, percent, plural, sayTime } from '../words.js'
import { section } from './section.js'

const MOST_LISTED = 12

/** What the data itself is worth: above everything else, so that nobody takes a hole for a quiet day. */
export function worthSection(found: Found) {
  const { frame, quality, byPlace } = found
  return section({
    id: 'data',
    title: 'What the data is worth',
    counts: 'hours, records',
    definition:
      'An hour lacks data if this database was not to have it, has not read it yet, or could not get all of it. Such hours are hatched in every chart over time, as is what of the first and the last day is not in the period. Times here are UTC.',
    content: [
      html`<p class="verdict ${isWhole(frame) ? 'good' : 'bad'}">${verdict(frame)}</p>`,
      coverageStrip(frame),
      ...holes(frame),
      html`<dl class="facts">${facts(found).map(
        ([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`
      )}</dl>`,
      ...notes(
        quality,
        sum(byPlace, ({ masked }) => masked)
      )
    ]
  })
}

function verdict(frame: Frame): string {
  const { missing, period } = frame
  const all = lengthOf([{ start: period.since, end: period.until }])
  const hours = lengthOf(missing)
  const total = `${count(Math.round(all))} hours`
  if (missing.length === 0) return `All ${total} of the period have their data.`
  if (isWhole(frame)) {
    return `All data is here until ${sayTime(missing[0]!.start)}; the last ${sayHours(hours)} have yet to be read.`
  }
  const part = hours < 1 ? sayHours(hours) : count(Math.round(hours))
  return `${part} of ${total} lack data (${percent(hours, all)}): the numbers below are too low by what happened then.`
}

function holes({ missing }: Frame): Html[] {
  if (missing.length === 0) return []
  const shown = missing.toSorted((a, b) => b.end - b.start - (a.end - a.start)).slice(0, MOST_LISTED)
  const rest = missing.length - shown.length
  return [
    html`<details${missing.length <= 4 ? html` open` : ''}><summary>${plural(missing.length, 'range')} without all data</summary>
<ul>${shown.sort((a, b) => a.start - b.start).map((range) => html`<li>${sayRange(range)}</li>`)}${
      rest > 0 ? html`<li>and ${count(rest)} shorter</li>` : ''
    }</ul></details>`
  ]
}

function facts({ quality, byPlace, frame }: Found): [string, string][] {
  const calls = sum(byPlace, (row) => row.calls)
  const legs = sum(byPlace, (row) => row.legs)
  const masked = sum(byPlace, (row) => row.masked)
  const timeless = sum(
    byPlace.filter(({ offset }) => offset === null),
    (row) => row.calls
  )
  const everywhere = frame.period.locations.length > 0 ? ', of all locations' : ''
  return [
    ...quality.watermarks.map(({ source, scope, watermark }): [string, string] => [
      `Watermark: ${named(source)}, ${named(scope)}`,
      sayTime(watermark)
    ]),
    ...quality.complete.map(({ scope, until }): [string, string] => [
      `Complete until, gaps apart: ${named(scope)}`,
      until === undefined ? 'not known yet' : sayTime(until)
    ]),
    ['Open gaps in the period', count(quality.gaps.length)],
    [`Records in the period${everywhere}`, count(quality.records)],
    [
      'Calls made of them',
      `${count(calls)}${calls > 0 ? `, ${(legs / calls).toFixed(1)} records each` : ''}`
    ],
    ['Masked calls', `${count(masked)} (${percent(masked, calls)})`],
    ['Calls without a known local time, shown in UTC', count(timeless)],
    ['Quarantined records, of all time', count(quality.quarantined)],
    ['Keys and values of Webex unknown to this version', count(quality.unknown)]
  ]
}

function notes({ loose, warnings }: Found['quality'], masked: number): Html[] {
  const lines: Html[] = [
    ...(loose > 0
      ? [
          html`${plural(loose, 'record')} of the period ${loose === 1 ? 'is' : 'are'} in no call yet and not in this report: run <code>npm run rebuild-calls</code>.`
        ]
      : []),
    ...(masked > 0
      ? [html`Masked calls count everywhere, but have no names, and their numbers are shortened or gone.`]
      : []),
    ...warnings.map((warning) => html`${warning}`)
  ]
  return lines.length > 0 ? [html`<ul class="notes">${lines.map((line) => html`<li>${line}</li>`)}</ul>`] : []
}

function sayRange({ start, end }: Range): string {
  return `${sayTime(start)} to ${sayTime(end)} (${sayHours((end - start) / 3_600_000)})`
}

function sayHours(hours: number): string {
  if (hours < 1) return `${Math.max(1, Math.round(hours * 60))} min`
  return plural(Math.round(hours), 'hour')
}
