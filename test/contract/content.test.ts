import fc from 'fast-check'
import { expect, test } from 'vitest'
import { GeneratedSource } from '../../src/simulator/records/generated-source.js'
import { pythonJson } from '../migrations/predecessor.js'
import { anyItem } from '../record/any-item.js'
import { said } from '../record/said.js'
import { type ContractBench, contract, dialect, setUp, useDatabase } from '../support/contract.js'
import { fixture, item, live } from '../support/live.js'

useDatabase()

const dbo = dialect === 'mssql' ? 'dbo.' : ''

/** Stores items, and leaves their rows as the Python tool would have. */
async function adopted(...items: object[]): Promise<ContractBench> {
  const bench = await setUp()
  await bench.deliver(...items)
  const unicode = dialect === 'mssql' ? 'N' : ''
  for (const [index, { id }] of (await bench.records()).entries()) {
    const json = pythonJson(items[index]).replaceAll("'", "''")
    await bench.execute(
      `UPDATE ${dbo}cdr_records SET content_hash = NULL, raw_json = ${unicode}'${json}' WHERE id = ${id}`
    )
  }
  return bench
}

contract('a row of the Python tool that is delivered again', () => {
  test('counts as updated only where its content is another, whatever else its page brings', async () => {
    const items = [item(1), item(2, { Location: 'Zürich 🙂' }), item(3), item(4, { 'New key': 1 })]
    const bench = await adopted(...items)
    const before = await bench.records()
    const again = [items[0], items[1], { ...items[2], 'Hold duration': 7 }, items[3], item(5)]
    expect(await bench.deliver(...again)).toMatchObject({ inserted: 1, updated: 1, duplicate: 3 })
    const after = await bench.records()
    expect(after.map(({ updatedTimestamp }) => updatedTimestamp !== null)).toEqual([
      false,
      false,
      true,
      false,
      false
    ])
    expect(after[1]?.rawJson).toBe(before[1]?.rawJson)
    expect(after.every(({ contentHash }) => contentHash?.length === 8)).toBe(true)
    expect(await bench.deliver(...again)).toMatchObject({ inserted: 0, updated: 0, duplicate: 5 })
  })

  test('is updated where its raw_json is cut off or missing', async () => {
    const bench = await adopted(item(1), item(2))
    const [first, second] = await bench.records()
    await bench.execute(`UPDATE ${dbo}cdr_records SET raw_json = '{"cut": ' WHERE id = ${first?.id}`)
    await bench.execute(`UPDATE ${dbo}cdr_records SET raw_json = NULL WHERE id = ${second?.id}`)
    expect(await bench.deliver(item(1), item(2))).toMatchObject({ updated: 2 })
    expect(await bench.deliver(item(1), item(2))).toMatchObject({ updated: 0, duplicate: 2 })
  })

  test('stays as it is where it is newer', async () => {
    const bench = await adopted(item(1, { 'Report time': '2026-09-24T09:00:00.000Z', Model: 'new' }))
    expect(await bench.deliver(item(1, { Model: 'old' }))).toMatchObject({ updated: 0, duplicate: 1 })
    expect(await bench.records()).toMatchObject([{ model: 'new' }])
  })
})

contract('a record whose content is the same', () => {
  test('is known though its raw_json is gone, its keys are in another order and empty ones came in', async () => {
    const bench = await setUp()
    await bench.deliver(item(1))
    await bench.execute(`UPDATE ${dbo}cdr_records SET raw_json = NULL`)
    const reversed = Object.fromEntries(Object.entries(item(1)).reverse())
    expect(await bench.deliver({ 'New key': '', ...reversed })).toMatchObject({ updated: 0, duplicate: 1 })
  })
})

contract('RAW_JSON=rest', () => {
  test('gives back what the service sent, from row and rest', async () => {
    const { itemOf } = await import('../../src/record/raw-json.js')
    const { toRecord } = await import('../../src/record/record.js')
    const start = Date.UTC(2026, 10, 16)
    const items = [
      live,
      ...fixture('reference-example.json').items,
      ...new GeneratedSource(1, 20)
        .between(start, start + 86_400_000, 'start')
        .map((delivery) => delivery.item),
      ...fc.sample(anyItem, { numRuns: 300, seed: 1 }).filter((one) => 'row' in toRecord(one))
    ]
    const bench = await setUp({ rawJson: 'rest' })
    const { inserted, fetched } = await bench.deliver(...items)
    expect(fetched).toBe(items.length)
    expect(inserted).toBeGreaterThan(400)
    const sent = new Set(items.map((one) => JSON.stringify(said(Object(one)))))
    for (const row of await bench.records()) expect(sent).toContain(JSON.stringify(said(itemOf(row))))
  })

  test('may be set and taken back: what is stored stays, and is known', async () => {
    const items = [item(1), item(2, { 'New key': 'x' })]
    const bench = await setUp()
    await bench.deliver(...items)
    bench.settings.rawJson = 'rest'
    expect(await bench.deliver(...items, item(3))).toMatchObject({ inserted: 1, updated: 0, duplicate: 2 })
    bench.settings.rawJson = 'all'
    expect(await bench.deliver(...items, item(3), item(4))).toMatchObject({ inserted: 1, updated: 0 })
    expect((await bench.records()).map(({ rawJson }) => rawJson)).toEqual([
      JSON.stringify(items[0]),
      JSON.stringify(items[1]),
      null,
      JSON.stringify(item(4))
    ])
  })

  test('leaves what goes to quarantine whole', async () => {
    const bench = await setUp({ rawJson: 'rest' })
    const [one, other] = [item(1), item(1, { Direction: 'ORIGINATING', 'New key': 1 })]
    await bench.deliver(one)
    expect(await bench.deliver(other, item(2, { 'Start time': '' }))).toMatchObject({ quarantined: 2 })
    const payloads = (await bench.errors()).map(({ payload }) => said(JSON.parse(payload ?? '')))
    expect(payloads).toEqual([said(item(2, { 'Start time': '' })), said(other)])
  })
})
