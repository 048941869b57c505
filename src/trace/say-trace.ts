import { count } from '../count.js'
import type { CdrCall } from '../entities/index.js'
import { inColumns } from '../in-columns.js'
import { legible } from '../legible.js'
import { sayGap } from '../report/gaps.js'
import type { Hop } from './hops.js'
import type { Trace } from './trace.js'
import {
  clockOf,
  momentOf,
  sayAnswerer,
  sayCalled,
  sayCaller,
  sayLocal,
  sayOutcome,
  saySide,
  sayTime
} from './words.js'

/** The lines of `trace` for people. */
export function sayTrace(trace: Trace): string[] {
  const { calls, journey, gaps, notes } = trace
  const [call] = calls
  return [
    ...saySimilar(trace),
    ...(call && journey ? sayJourney(call, journey) : sayList(trace)),
    ...(gaps.length + notes.length > 0 ? [''] : []),
    ...gaps.map((gap) => legible(`WARNING: ${sayGap(gap)}`)),
    ...notes.map((note) => `Note: ${note}`)
  ]
}

function saySimilar({ similarNumbers: numbers, asked }: Trace): string[] {
  if (numbers.length === 0) return []
  const shown = numbers.slice(0, 10).map(legible).join(', ')
  const rest = numbers.length > 10 ? ` and ${numbers.length - 10} more` : ''
  return [`No call has exactly ${legible(asked)}. Numbers that end in the same digits: ${shown}${rest}`, '']
}

const COLUMNS = [
  'began, UTC',
  'there',
  'from',
  'to',
  'services',
  'outcome',
  'answered by',
  'talked',
  'legs',
  'Journey ID'
]

function sayList({ asked, kind, since, until, calls, more }: Trace): string[] {
  const end = until ? ` until ${momentOf(until)} UTC` : ''
  const range = since ? `since ${momentOf(since)} UTC${end}` : 'at any time'
  const what = `${kind === 'id' ? 'ID' : kind} ${legible(asked)}`
  if (calls.length === 0) {
    const wider = since ? '; an earlier --since looks further back' : ''
    return [`No call with the ${what} ${range}${wider}`]
  }
  const rows = calls.map((call) => [
    momentOf(call.startUtc),
    sayLocal(call),
    sayCaller(call),
    sayCalled(call),
    call.services ?? '',
    call.outcome.replaceAll('_', ' '),
    sayAnswerer(call) ?? '',
    call.talkSeconds > 0 ? sayTime(call.talkSeconds) : '',
    String(call.legs),
    call.journeyId
  ])
  return [
    `${count(calls.length + more)} calls with the ${what} ${range}, the newest first`,
    '',
    ...inColumns([COLUMNS, ...rows]).map((line) => `  ${line}`),
    '',
    ...(more > 0
      ? [`${count(more)} earlier ones are not shown: narrow the range with --since and --until`]
      : []),
    '`npm run trace -- <Journey ID>` shows one of them'
  ]
}

function sayJourney(call: CdrCall, journey: readonly Hop[]): string[] {
  const ids = journey.flatMap(({ position, reportIds }) => reportIds.map((id) => [String(position), id]))
  return [
    `${sayCaller(call)} called ${sayCalled(call)}`,
    ...sayFacts(call).map(([name, value]) => `  ${name.padEnd(11)}${legible(value)}`),
    '',
    ...inColumns(legRows(journey)).map((line) => `  ${line}`),
    '',
    'Report IDs by leg',
    ...inColumns(ids).map((line) => `  ${line}`)
  ].map((line, index) => (index === 0 ? legible(line) : line))
}

/** Names and values. */
export function sayFacts(call: CdrCall): [name: string, value: string][] {
  const local = sayLocal(call)
  const facts: [string, string | null][] = [
    ['Began', `${momentOf(call.startUtc)} UTC${local ? `, there ${local}` : ''}`],
    ['Ended', call.endUtc && `${momentOf(call.endUtc)} UTC`],
    ['Outcome', sayCallOutcome(call)],
    ['Kind', [call.callClass.replaceAll('_', ' '), call.country].filter(Boolean).join(', ')],
    ['Services', call.services],
    ['Trunk', call.inboundTrunk ?? call.outboundTrunk],
    ['Recording', call.recordingResult],
    ['Spam check', call.spamResult],
    ['Journey ID', call.journeyId]
  ]
  return facts.filter((fact): fact is [string, string] => fact[1] !== null)
}

function sayCallOutcome(call: CdrCall): string {
  const answerer = sayAnswerer(call)
  const wait = `after ${sayTime(call.waitSeconds)}`
  if (answerer === null) return `${call.outcome.replaceAll('_', ' ')} ${wait}`
  return `answered by ${answerer} ${wait}, talked ${sayTime(call.talkSeconds)}`
}

/** One row a leg; legs that the call went on to stand below the one that it went on from. */
function legRows(journey: readonly Hop[]): string[][] {
  const rows: string[][] = []
  const add = (parent: Hop | null, indent: string) => {
    const legs = journey.filter((hop) => hop.parent === (parent?.position ?? null))
    for (const [index, hop] of legs.entries()) {
      const isLast = index === legs.length - 1
      const [branch, below] = parent === null ? ['', ''] : isLast ? ['└─ ', '   '] : ['├─ ', '│  ']
      const from = parent?.to.key === hop.from.key ? '' : `${saySide(hop.from)}${sayDevice(hop.from.device)} `
      const to = `${saySide(hop.to)}${sayDevice(hop.to.device)}`
      rows.push([
        String(hop.position),
        clockOf(hop.start),
        `${indent}${branch}${from}→ ${to}`,
        hop.why ?? '',
        sayOutcome(hop)
      ])
      add(hop, indent + below)
    }
  }
  add(null, '')
  return rows
}

function sayDevice(device: string | null): string {
  return device === null ? '' : ` [${device}]`
}
