import { getMetadataArgsStorage } from 'typeorm'
import { expect, test } from 'vitest'
import { chooseDialect } from '../../src/entities/dialect.js'
import { binder } from '../../src/store/row-binding.js'
import { live } from '../support/live.js'

chooseDialect('sqlite')
const entities = await import('../../src/entities/index.js')
const { callOf } = await import('../../src/calls/call.js')
const { preparePage } = await import('../../src/record/page.js')

const bound = binder([
  { property: 'userName', metadata: { type: 'text' } },
  { property: 'startTime', metadata: { type: 'datetime' } },
  { property: 'answered', metadata: { type: 'boolean' } },
  { property: 'duration', metadata: { type: 'integer' } }
])
const startTime = new Date('2026-09-24T09:30:00.007Z')

test.each([
  ['in the order of the columns', { userName: 'Ana', startTime, answered: false, duration: 12 }],
  ['with others between', { id: 1, userName: 'Ana', startTime, callId: 'c', answered: false, duration: 12 }],
  ['the other way round', { duration: 12, answered: false, startTime, userName: 'Ana' }],
  ['with the first one last', { startTime, answered: false, duration: 12, userName: 'Ana' }]
])('gives each column its own value, %s', (_order, row) => {
  expect(bound(row)).toEqual(['Ana', '2026-09-24 09:30:00.007', 0, 12])
})

test('keeps nothing of the row before', () => {
  bound({ userName: 'Ana', startTime, answered: true, duration: 12 })
  expect(bound({ duration: null, userName: null, startTime: null, answered: null })).toEqual([
    null,
    null,
    null,
    null
  ])
})

test('rows come in the order of the columns, which is the quick one', () => {
  const [row] = preparePage([live]).rows()
  const { call, parties } = callOf({ id: row!.reportId, legs: [row!] })
  for (const [entity, made] of [
    [entities.CdrRecord, row],
    [entities.CdrCall, call],
    [entities.CdrCallParty, parties[0]]
  ] as const) {
    const columns = getMetadataArgsStorage().filterColumns(entity)
    const given = columns.map(({ propertyName }) => propertyName).filter((name) => name in made!)
    expect(Object.keys(made!)).toEqual(given)
  }
})
