import fc from 'fast-check'
import { expect, test } from 'vitest'
import { refusedAmong, without } from '../../src/store/unroll.js'

const rowsOf = (ids: readonly string[]) => ids.map((_, position) => position)

/** A database that refuses rows called bad…, and of two with the same name the later one. */
function database(ids: readonly string[]) {
  const attempts: number[] = []
  const attempt = async (rows: readonly number[]) => {
    attempts.push(rows.length)
    const seen = new Set<string>()
    for (const row of rows) {
      const callId = ids[row] ?? ''
      if (callId.startsWith('bad')) return `${callId} is refused`
      if (seen.has(callId)) return `${callId} is there`
      seen.add(callId)
    }
    return undefined
  }
  return { attempt, attempts }
}

test('finds just the rows that are refused, each with its own reason, and what is left is taken', async () => {
  const name = fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', 'g', 'bad1', 'bad2')
  await fc.assert(
    fc.asyncProperty(fc.array(name, { maxLength: 40 }), async (ids: string[]) => {
      const rows = rowsOf(ids)
      const refused = await refusedAmong(rows, database(ids).attempt)
      const expected = rows.filter((row) => ids[row]?.startsWith('bad') || ids.indexOf(ids[row] ?? '') < row)
      expect(new Set(refused.map(({ row }) => row))).toEqual(new Set(expected))
      for (const { row, reason } of refused) expect(reason).toContain(ids[row])
      expect(await database(ids).attempt(without(rows, refused))).toBeUndefined()
    })
  )
})

test('stores a page of 5,000 with one bad row about three times to find it', async () => {
  const ids = Array.from({ length: 5_000 }, (_, index) => (index === 3_333 ? 'bad' : `${index}`))
  const { attempt, attempts } = database(ids)
  expect(await refusedAmong(rowsOf(ids), attempt)).toHaveLength(1)
  expect(attempts.reduce((sum, rows) => sum + rows)).toBeLessThan(4 * 5_000)
})

test('what goes wrong otherwise ends the search', async () => {
  const broken = async () => {
    throw new Error('no connection')
  }
  await expect(refusedAmong(rowsOf(['a', 'b']), broken)).rejects.toThrow('no connection')
})
