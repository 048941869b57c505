import { expect, test } from 'vitest'
import { contract, setUp, useDatabase } from '../support/contract.js'
import { hazards } from './hazards.js'

useDatabase()

contract('a page is stored as the contract says', () => {
  test.each(Object.keys(hazards))('%s', async (name) => {
    const { deliveries, records, counters, quarantined = [], notes, drift } = hazards[name]!
    const bench = await setUp()
    let result: object = {}
    for (const items of deliveries) result = await bench.deliver(...items)
    expect(result).toMatchObject({ status: 'succeeded', ...counters })
    const stored = await bench.records()
    expect(stored).toMatchObject(records)
    const errors = await bench.errors()
    expect(errors.map(({ payload }) => JSON.parse(payload ?? ''))).toEqual(quarantined)
    if (notes) expect(result).toMatchObject({ notes: expect.stringMatching(notes) })
    if (drift) {
      const counted = (await bench.drift()).map((row) => ({ ...row, occurrences: Number(row.occurrences) }))
      expect(counted).toMatchObject(drift)
    }
    const last = deliveries.at(-1) ?? []
    // Whatever the columns made of it, the newest version is there as it came.
    if (stored.length === 1 && last.length === 1 && counters?.updated) {
      expect(stored[0]?.rawJson).toBe(JSON.stringify(last[0]))
    }
  })
})
