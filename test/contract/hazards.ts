import type { CdrApiDrift, CdrRecord } from '../../src/entities/index.js'
import type { Counters } from '../../src/store/counters.js'
import { fixture, item, live } from '../support/live.js'

export type Item = Record<string, unknown>

/** What has hurt somebody: pages as they are delivered, run by run, and what must stand in the tables then. */
export interface Hazard {
  /** One run each, with this one page. */
  deliveries: unknown[][]
  /** In the order of their ids, as far as the hazard is about. */
  records: Partial<CdrRecord>[]
  /** Of the last run. */
  counters?: Partial<Counters>
  /** Payloads in quarantine. */
  quarantined?: unknown[]
  notes?: RegExp
  /** In cdr_api_drift, in the order of their ids. */
  drift?: Partial<CdrApiDrift>[]
}

const [reference] = fixture('reference-example.json').items as Item[]
const newer = { 'Report time': '2026-09-24T08:00:00.000Z' }
const at = (text: string) => new Date(text)

/** Every value of an item, by key, as one of the hazards below wants it. */
function all(value: unknown): Item {
  const { 'Report ID': report, 'Start time': start } = live
  return {
    ...Object.fromEntries(Object.keys(live).map((key) => [key, value])),
    'Report ID': report,
    'Start time': start
  }
}

function one(changes: Item, record: Partial<CdrRecord>, more: Partial<Hazard> = {}): Hazard {
  return { deliveries: [[{ ...live, ...changes }]], records: [record], ...more }
}

function again(first: Item, second: Item, record: Partial<CdrRecord>, counters: Partial<Counters>): Hazard {
  return { deliveries: [[{ ...live, ...first }], [{ ...live, ...second }]], records: [record], counters }
}

const KNOWN = { inserted: 0, updated: 0, duplicate: 1 }
const UPDATED = { inserted: 0, updated: 1, duplicate: 0 }
const cut = (key: string) => ({ notes: new RegExp(`cut ${key}`) })

export const hazards: Record<string, Hazard> = {
  // Storing
  'the record of a live response': one({}, { userName: 'Pod 0', callId: '', duration: 0, answered: false }),
  'the example of the reference': {
    deliveries: [[reference]],
    records: [{ callId: `${reference?.['Call ID']}` }]
  },
  'an empty page': { deliveries: [[]], records: [], counters: { fetched: 0 } },
  'two legs that share (Call ID, Start time)': {
    deliveries: [[item(1), item(2)]],
    records: [{ callId: '' }, { callId: '' }],
    counters: { inserted: 2 }
  },
  'a key that this program does not know': one(
    { 'Brand new': 'x' },
    { rawJson: JSON.stringify({ ...live, 'Brand new': 'x' }) }
  ),
  'what this program does not know, in two letter cases, with blanks at the end, twice': {
    deliveries: [
      [{ ...live, 'Brand new': '', 'BRAND new': 'ü📞', Direction: 'sideways' }],
      [{ ...live, 'Brand new': 'ñ', 'Brand other ': 1, Direction: 'Sideways', Location: { a: 'ß' } }],
      [{ ...live, 'Brand new': 'x', 'BRAND new': 1, Direction: 'Sideways', 'Brand other ': 2, LOCATION: '' }]
    ],
    records: [{ direction: 'Sideways' }],
    drift: [
      { kind: 'value', name: 'Direction', value: 'sideways', occurrences: 1 },
      { kind: 'key', name: 'Brand new', value: '', occurrences: 3, example: '"ñ"' },
      { kind: 'key', name: 'BRAND new', value: '', occurrences: 2, example: '"ü📞"' },
      { kind: 'value', name: 'Direction', value: 'Sideways', occurrences: 2, example: null },
      { kind: 'type', name: 'Location', value: 'object', occurrences: 1, example: '{"a":"ß"}' },
      { kind: 'key', name: 'Brand other ', value: '', occurrences: 2, example: '1' },
      { kind: 'spelling', name: 'Location', value: 'LOCATION', occurrences: 1 }
    ]
  },
  'two unknown keys that differ by a blank at the end, which SQL Server does not tell apart': {
    deliveries: [
      [{ ...live, 'Brand new': 1, 'Brand new ': 1 }],
      [{ ...live, 'Brand new ': 1, 'Brand new': 1 }]
    ],
    records: [{}]
  },
  'keys in another letter case': {
    deliveries: [
      [Object.fromEntries(Object.entries(live).map(([key, value]) => [key.toUpperCase(), value]))]
    ],
    records: [{ userName: 'Pod 0' }]
  },
  'text that looks like SQL': one(
    { User: "'; DROP TABLE cdr_records; --", Model: '$(x) {{y}} @0 :name ? %s' },
    { userName: "'; DROP TABLE cdr_records; --", model: '$(x) {{y}} @0 :name ? %s' }
  ),

  // Redelivery
  'the same again': again({}, {}, { updatedTimestamp: null }, KNOWN),
  'newer with other content': again({}, { ...newer, Model: 'new' }, { model: 'new' }, UPDATED),
  'older with other content': again({ ...newer, Model: 'new' }, { Model: 'old' }, { model: 'new' }, KNOWN),
  'equally new, another letter case': again({}, { User: 'POD 0' }, { userName: 'POD 0' }, UPDATED),
  'equally new, one blank more at the end': again({}, { User: 'Pod 0 ' }, { userName: 'Pod 0 ' }, UPDATED),
  'equally new, an accent more': again({ User: 'Zoe' }, { User: 'Zoë' }, { userName: 'Zoë' }, UPDATED),
  'equally new, a value gone': again({}, { User: '' }, { userName: null }, UPDATED),
  'equally new, a value come': again({ User: '' }, {}, { userName: 'Pod 0' }, UPDATED),
  'equally new, an unknown key more': again({}, { 'Brand new': 1 }, { userName: 'Pod 0' }, UPDATED),
  'with a Report time at last': again(
    { 'Report time': '' },
    {},
    { reportTime: at('2026-09-24T07:49:10.941Z') },
    UPDATED
  ),
  'Report ID in capitals': again(
    {},
    { 'Report ID': String(live['Report ID']).toUpperCase() },
    { reportId: String(live['Report ID']) },
    UPDATED
  ),

  // Two versions in one page
  'the newer one first': {
    deliveries: [[{ ...live, ...newer, Model: 'new' }, live]],
    records: [{ model: 'new' }],
    counters: { fetched: 2, inserted: 1, duplicate: 1 }
  },
  'the newer one last': {
    deliveries: [[live, { ...live, ...newer, Model: 'new' }]],
    records: [{ model: 'new' }],
    counters: { fetched: 2, inserted: 1, duplicate: 1 }
  },
  'equally new: the last one': {
    deliveries: [
      [
        { ...live, Model: 'a' },
        { ...live, Model: 'b' }
      ]
    ],
    records: [{ model: 'b' }]
  },

  // Nothing
  'every value ""': {
    deliveries: [[all('')]],
    records: [
      { callId: '', userName: null, answered: null, duration: null, answerTime: null, siteUuid: null }
    ]
  },
  'every value null': {
    deliveries: [[all(null)]],
    records: [{ callId: '', userName: null, ringDuration: null }]
  },
  'every value "NA"': {
    deliveries: [[all('NA')]],
    records: [
      { callId: 'NA', userName: 'NA', userEmail: null, answered: null, duration: null, releaseTime: null }
    ]
  },
  'every value "N/A"': {
    deliveries: [[all('N/A')]],
    records: [
      { callId: 'N/A', userName: 'N/A', userEmail: null, answered: null, duration: null, releaseTime: null }
    ]
  },
  'no key but the two that must be': {
    deliveries: [[{ 'Report ID': live['Report ID'], 'Start time': live['Start time'] }]],
    records: [{ callId: '', direction: null }]
  },

  // Lengths
  'text as long as its column': one({ Model: 'x'.repeat(128) }, { model: 'x'.repeat(128) }),
  'text one longer than its column': one(
    { Model: 'x'.repeat(129) },
    { model: 'x'.repeat(128) },
    cut('Model')
  ),
  'every text longer than its column': {
    deliveries: [[all('ß'.repeat(2_000))]],
    records: [{ model: 'ß'.repeat(128), transferTypeContext: 'ß'.repeat(1_024), callId: 'ß'.repeat(150) }]
  },
  'an emoji across the cut': one({ Model: `${'x'.repeat(127)}📞` }, { model: 'x'.repeat(127) }, cut('Model')),
  'a record of 300,000 characters': one(
    { 'Brand new': 'ü'.repeat(300_000) },
    { rawJson: JSON.stringify({ ...live, 'Brand new': 'ü'.repeat(300_000) }) }
  ),

  // Precision
  'the first and the last millisecond': one(
    { 'Answer time': '2026-09-24T00:00:00.001Z', 'Release time': '2026-09-24T23:59:59.999Z' },
    { answerTime: at('2026-09-24T00:00:00.001Z'), releaseTime: at('2026-09-24T23:59:59.999Z') }
  ),
  'nine digits of a second': one(
    { 'Answer time': '2026-09-24T07:49:10.123999999Z', 'Report time': '2026-09-24T07:49:10.999999999Z' },
    { answerTime: at('2026-09-24T07:49:10.123Z'), reportTime: at('2026-09-24T07:49:10.999Z') }
  ),
  'the largest and the smallest number': one(
    { Duration: 2_147_483_647, 'Hold duration': '-2147483647' },
    { duration: 2_147_483_647, holdDuration: -2_147_483_647 }
  ),
  'a number that is too large': one(
    { Duration: 2_147_483_648 },
    { duration: null },
    { notes: /unreadable Duration/ }
  ),
  'times at the ends of the calendar': one(
    { 'Answer time': '0001-01-01T00:00:00.000Z', 'Release time': '9999-12-31T23:59:59.999Z' },
    { answerTime: null, releaseTime: null },
    { notes: /unreadable Answer time, 1 unreadable Release time/ }
  ),
  'times far away': one(
    { 'Answer time': '0002-01-01T00:00:00.000Z', 'Release time': '9998-12-31T23:59:59.999Z' },
    { answerTime: at('0002-01-01T00:00:00.000Z'), releaseTime: at('9998-12-31T23:59:59.999Z') }
  ),
  'a leap day': one(
    { 'Answer time': '2028-02-29T12:00:00.000Z' },
    { answerTime: at('2028-02-29T12:00:00.000Z') }
  ),
  'a time before 1970': one(
    { 'Answer time': '1969-12-31T23:59:59.999Z' },
    { answerTime: at('1969-12-31T23:59:59.999Z') }
  ),
  'a time with a zone': one(
    { 'Answer time': '2026-09-24T09:49:10.941+02:00' },
    { answerTime: at('2026-09-24T07:49:10.941Z') }
  ),
  'a time without T and Z': one(
    { 'Release time': '2023-10-12 21:22:32.621' },
    { releaseTime: at('2023-10-12T21:22:32.621Z') }
  ),

  // Where the clocks of New York and Berlin jump
  'the hour that New York does not have': one(
    {
      'Start time': '2026-03-08T02:30:00.000Z',
      'Answer time': '2026-03-08T07:00:00.000Z',
      'Release time': '2026-03-08T06:59:59.999Z'
    },
    {
      startTime: at('2026-03-08T02:30:00.000Z'),
      answerTime: at('2026-03-08T07:00:00.000Z'),
      releaseTime: at('2026-03-08T06:59:59.999Z')
    }
  ),
  'the hour that New York has twice': one(
    {
      'Start time': '2026-11-01T05:30:00.000Z',
      'Answer time': '2026-11-01T06:30:00.000Z',
      'Report time': '2026-11-01T06:00:00.000Z'
    },
    {
      startTime: at('2026-11-01T05:30:00.000Z'),
      answerTime: at('2026-11-01T06:30:00.000Z'),
      reportTime: at('2026-11-01T06:00:00.000Z')
    }
  ),
  'the hour that Berlin does not have': one(
    { 'Start time': '2026-03-29T01:30:00.000Z', 'Answer time': '2026-03-29T02:30:00.000Z' },
    { startTime: at('2026-03-29T01:30:00.000Z'), answerTime: at('2026-03-29T02:30:00.000Z') }
  ),

  // Unicode
  'emoji, families of them, scripts of all directions': one(
    { User: '👩‍👩‍👧‍👦 📞 日本語 العربية עברית ไทย', Location: 'Zażółć gęślą jaźń', Model: '𠜎𠜱𝔘' },
    { userName: '👩‍👩‍👧‍👦 📞 日本語 العربية עברית ไทย', locationName: 'Zażółć gęślą jaźń', model: '𠜎𠜱𝔘' }
  ),
  'an accent of its own and one that is part of its letter': {
    deliveries: [[item(1, { User: 'Zoe\u0308' }), item(2, { User: 'Zo\u00eb' })]],
    records: [{ userName: 'Zoe\u0308' }, { userName: 'Zo\u00eb' }]
  },
  'half of a surrogate pair': one(
    { User: 'a\ud83db', Location: '\udcde' },
    {
      userName: 'a\ufffdb',
      locationName: '\ufffd',
      rawJson: JSON.stringify({ ...live, User: 'a\ud83db', Location: '\udcde' })
    }
  ),
  'a NUL': one(
    { User: 'a\u0000b' },
    { userName: 'ab', rawJson: JSON.stringify({ ...live, User: 'a\u0000b' }) }
  ),
  'nothing but a NUL': one({ User: '\u0000' }, { userName: null }),
  'control characters, quotes, line ends': one(
    { User: 'a"b\\c\r\nd\te\u0007' },
    { userName: 'a"b\\c\r\nd\te\u0007' }
  ),
  'blanks at both ends': one({ User: '  x  ', Location: '   ' }, { userName: '  x  ', locationName: '   ' }),
  'texts that differ in letter case only': {
    deliveries: [[item(1, { 'Call ID': 'abc' }), item(2, { 'Call ID': 'ABC' })]],
    records: [{ callId: 'abc' }, { callId: 'ABC' }]
  },

  // Types the service does not send today
  'numbers, booleans, lists and objects where text is': one(
    { User: 7, Location: true, Model: ['a', 1], 'Route group': { b: 2 } },
    { userName: '7', locationName: 'true', model: '["a",1]', routeGroup: '{"b":2}' }
  ),
  'Answered as a boolean': one({ Answered: true }, { answered: true }),

  // The key
  'no Report ID: the same derived key each time': again(
    { 'Report ID': '' },
    { 'Report ID': 'NA' },
    {},
    UPDATED
  ),
  'a nil Report ID': {
    deliveries: [[item(1), { ...item(2), 'Report ID': '00000000-0000-0000-0000-000000000000' }]],
    records: [{}, {}],
    counters: { inserted: 2 }
  },

  // Quarantine
  'a record without a Start time, between two that have one': {
    deliveries: [[item(1), item(2, { 'Start time': '' }), item(3)]],
    records: [{}, {}],
    counters: { fetched: 3, inserted: 2, quarantined: 1 },
    quarantined: [item(2, { 'Start time': '' })]
  },
  'items that are no objects': {
    deliveries: [['text', null, 7, [item(1)]]],
    records: [],
    counters: { fetched: 4, quarantined: 4 },
    quarantined: ['text', null, 7, [item(1)]]
  }
}
