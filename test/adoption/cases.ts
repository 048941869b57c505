import type { Item } from '../migrations/predecessor.js'
import { dialect } from '../support/contract.js'
import { expectedRow, fields, filledWith, fullItem, live, reference, respelt } from './items.js'
import { derivedKey, identityOf, type Oddities, type Row, stored } from './support.js'

/** A row of the Python tool, and what must be in it when it is adopted. */
export interface Case {
  name: string
  row: Row
  expected: Row | ((oddities: Oddities) => Row)
}

let count = 0

/** The live record as one of its own: all cases are adopted together. */
function another(changes: Item = {}): Item {
  const number = `${++count}`.padStart(12, '0')
  return {
    ...live,
    'Call ID': `call ${count}`,
    'Report ID': `00000000-0000-3000-8000-${number}`,
    ...changes
  }
}

function keysOf({ 'Report ID': report, 'Call ID': call }: Item): Item {
  return { 'Report ID': report, 'Call ID': call }
}

/** The live record with changes, stored by the tool. */
function item(name: string, changes: Item, expected: Row): Case {
  return { name, row: stored(another(changes)), expected }
}

/** The same where the tool's own columns hold only what it cannot do without. */
function rawOnly(name: string, changes: Item, expected: Row): Case {
  const { call_id, start_time, raw_json } = stored(another(changes))
  return { name, row: { call_id, start_time, raw_json }, expected }
}

const whole: Case[] = [
  ['as the service delivers it', live],
  ['as the reference spells it', { ...reference, 'Ring duration': '23' }],
  ['with a value for every key', fullItem()],
  ['with all keys as the reference spells them', respelt('docKey')],
  ['with all keys as the CSV report spells them', respelt('csvKey')]
].map(([name, full]) => {
  const one = { ...(full as Item), ...keysOf(another()) }
  return { name: `a record ${name}`, row: stored(one), expected: expectedRow(one) }
})

const typed = fields.filter(
  ({ sqlType }) => /^(datetime2|int|bit|unique)/.test(sqlType) && !sqlType.endsWith('NOT NULL')
)
const texts = fields.filter(({ column, sqlType }) => /^nvarchar/.test(sqlType) && column !== 'call_id')
const nothing = Object.fromEntries(typed.map(({ column }) => [column, null]))

const general: Case[] = [
  {
    name: '"" is NULL, but for call_id',
    row: stored({ ...filledWith(''), 'Report ID': another()['Report ID'] }),
    expected: {
      ...nothing,
      ...Object.fromEntries(texts.map(({ column }) => [column, null])),
      location_id: null,
      user_email: null,
      call_id: ''
    }
  },
  ...['NA', 'na', 'N/A'].map((word) => ({
    name: `"${word}" stays in text and is NULL elsewhere`,
    row: stored({ ...filledWith(word), ...keysOf(another()), Duration: null }),
    expected: { ...nothing, queue_type: word, device_mac: word, user_name: word, user_email: null }
  })),
  rawOnly(
    'text longer than its column is cut there',
    Object.fromEntries(texts.map(({ key }) => [key, 'x'.repeat(1500)])),
    Object.fromEntries(
      texts.map(({ column, sqlType }) => [column, 'x'.repeat(Number(/\d+/.exec(sqlType)?.[0]))])
    )
  ),
  // SQL Server's JSON_VALUE gives NULL for more than 4,000 characters.
  rawOnly(
    'text that is longer still is NULL or cut',
    { Model: 'y'.repeat(5000) },
    { model: dialect === 'mssql' ? null : 'y'.repeat(128) }
  ),
  item(
    'text of emoji only is text',
    { User: '📞📞', Location: '☎️', 'OS type': '🤖' },
    {
      user_name: '📞📞',
      location_name: '☎️',
      os_type: '🤖'
    }
  ),
  item(
    'text of a script that old collations do not know is text',
    { User: 'សុខ', 'User type': 'ሰው' },
    {
      user_name: 'សុខ',
      user_type: 'ሰው'
    }
  ),
  item(
    'letter case and accents stay',
    { User: 'ÉMILE émile', Model: 'ß' },
    {
      user_name: 'ÉMILE émile',
      model: 'ß'
    }
  ),
  {
    name: 'the time of ingestion and raw_json stay',
    row: stored(another(), {
      ingestion_timestamp: '2026-01-15 08:00:00.000',
      raw_json: '{"Report ID": "00000000-0000-3000-8000-00000000beef",  "spaced" :1}'
    }),
    expected: {
      ingestion_timestamp: '2026-01-15 08:00:00.000',
      raw_json: '{"Report ID": "00000000-0000-3000-8000-00000000beef",  "spaced" :1}',
      updated_timestamp: null
    }
  },
  {
    name: 'what the tool stored stays where raw_json has another value',
    row: stored(another(), {
      calling_number: 'masked',
      duration: 99,
      release_time: '2026-01-01 00:00:00.000'
    }),
    expected: { calling_number: 'masked', duration: 99, release_time: '2026-01-01 00:00:00.000' }
  }
]

const times: Case[] = (
  [
    ['2023-10-12 21:22:32.621', '2023-10-12 21:22:32.621'],
    ['2023-10-12T21:22:32.621', '2023-10-12 21:22:32.621'],
    ['2023-10-12T21:22:32Z', '2023-10-12 21:22:32.000'],
    ['2023-10-12T23:22:32.621+02:00', '2023-10-12 21:22:32.621'],
    ['2023-10-12 16:22:32.621-05:00', '2023-10-12 21:22:32.621'],
    ['2023-02-11 10:09:08.007', '2023-02-11 10:09:08.007'],
    ['2023-10-12', null],
    ['10/12/2023 21:22:32', null],
    ['now', null],
    ['2460230.5', null],
    ['21:22:32.621 yesterday', null]
  ] as const
).map(([value, time]) =>
  rawOnly(
    `Release time ${value} is ${time}`,
    { 'Release time': value, 'Report time': value },
    { release_time: time, report_time: time }
  )
)

const integers: Case[] = (
  [
    ['23', 23],
    [23, 23],
    ['0', 0],
    ['', null],
    [' ', null],
    ['-', null],
    ['2.5', null],
    ['1e3', null],
    ['99999999999', null]
  ] as const
).map(([value, expected]) =>
  item(
    `Ring duration ${JSON.stringify(value)} is ${expected}`,
    { 'Ring duration': value, Duration: null },
    { ring_duration: expected, duration: null }
  )
)

const flags: Case[] = (
  [
    ['true', 1],
    ['False', 0],
    ['NA', null],
    ['N/A', null],
    ['maybe', null]
  ] as const
).map(([value, answered]) => item(`Answered ${value} is ${answered}`, { Answered: value }, { answered }))

const emails: Case[] = (
  [
    ['Jo Doe', null],
    ['jo.doe@example.com', 'jo.doe@example.com'],
    ['Jo Doe <jo.doe@example.com>', null],
    ['jo doe@example.com', null],
    ['Jo<jo.doe@example.com', null],
    ['jo@doe@example.com', null],
    ['jo@example', null],
    ['jo@example.', null],
    ['@example.com', null],
    [`${'x'.repeat(251)}@a.de`, null]
  ] as const
).map(([user, email]) =>
  rawOnly(
    `User ${user.slice(-40)} is an e-mail address: ${email}`,
    { User: user },
    {
      user_name: user,
      user_email: email
    }
  )
)

const places: Case[] = [
  item(
    'a location is known by its Site UUID',
    {},
    {
      location_id: live['Site UUID'],
      location_name: live.Location
    }
  ),
  item(
    'a name is no identifier where there is none',
    { 'Site UUID': undefined },
    {
      location_id: null,
      location_name: live.Location
    }
  )
]

const REPORT_ID = 'ea9cd4c2-b4e8-3e0f-b518-b14906a6d01a'

const keys: Case[] = [
  item(
    'a Report ID in capitals is the same',
    { 'Report ID': REPORT_ID.toUpperCase() },
    {
      report_id: REPORT_ID
    }
  ),
  item(
    'a Report ID with blanks around it is the same',
    { 'Report ID': ` ${REPORT_ID.replace('a', 'b')} ` },
    {
      report_id: REPORT_ID.replace('a', 'b')
    }
  )
]

const NO_UUID = [
  ['missing', undefined],
  ['null', null],
  ['empty', ''],
  ['"NA"', 'NA'],
  ['nil', '00000000-0000-0000-0000-000000000000'],
  ['too short', 'ea9cd4c2-b4e8-3e0f-b518'],
  ['too long', `${REPORT_ID}0`],
  ['not hexadecimal', 'ea9cd4c2-b4e8-3e0f-b518-b14906a6d01g'],
  ['hyphenated elsewhere', 'ea9cd4c2-b4e8-3e0f-b518-b14906a6-01a'],
  ['without hyphens', 'ea9cd4c2b4e83e0fb518b14906a6d01a']
] as const

const noUuids: Case[] = NO_UUID.map(([name, value]) =>
  item(
    `an Interaction ID is NULL where it is ${name}`,
    { 'Interaction ID': value, 'PSTN provider ID': value, 'PSTN vendor org ID': value },
    { interaction_id: null, pstn_provider_id: null, pstn_vendor_org_id: null }
  )
)

const keyless: Case[] = NO_UUID.map(([name, reportId]) => {
  const nameless = another({ 'Network call ID': 'SDen4q701-zażółć', 'Report ID': reportId })
  return {
    name: `the key is derived where Report ID is ${name}`,
    row: stored(nameless),
    expected: (oddities) => ({ report_id: derivedKey(identityOf(nameless), oddities) })
  }
})

const unreadable: Case[] = (
  [
    ['missing', null],
    ['cut off', `{"Report ID": "${REPORT_ID}`],
    ['no object', `["${REPORT_ID}"]`],
    ['an object that names no call', '{"Call ID": ""}'],
    ['a number', '7'],
    ['blank', '']
  ] as const
).map(([name, rawJson]) => {
  const row: Row = {
    call_id: `broken ${name}`,
    correlation_id: 'cf30fa26-7c1a-4099-8ada-b8e57acca6ce',
    direction: 'TERMINATING',
    start_time: '2026-09-24 07:49:10.900',
    user_email: 'Pod 0',
    location_id: 'Site1',
    location_name: '📞',
    duration: 12,
    answered: 1,
    raw_json: rawJson
  }
  const identity = [row.correlation_id, '', '', row.direction, '', '2026-09-24T07:49:10.900Z', row.call_id]
  return {
    name: `a row whose raw_json is ${name} keeps its data and gets a key from its columns`,
    row,
    expected: (oddities) => ({
      ...row,
      report_id: derivedKey(identity, { ...oddities, leavesEscapes: false })
    })
  }
})

export const CASES: Case[] = [
  ...whole,
  ...general,
  ...times,
  ...integers,
  ...flags,
  ...emails,
  ...places,
  ...keys,
  ...keyless,
  ...noUuids,
  ...unreadable
]
