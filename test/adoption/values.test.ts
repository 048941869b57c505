import { afterAll, beforeAll, expect, test } from 'vitest'
import { contract } from '../support/contract.js'
import { CASES } from './cases.js'
import { Adoptee, type Oddities, oddities, type Row } from './support.js'

contract('a row of the Python tool, adopted', () => {
  let adoptee: Adoptee | undefined
  let rows: Row[]
  let excused: Oddities

  beforeAll(async () => {
    adoptee = await Adoptee.with(...CASES.map(({ row }, index) => ({ id: index + 1, ...row })))
    await adoptee.migrate()
    rows = await adoptee.rows()
    excused = await adoptee.using(oddities)
  }, 120_000)
  afterAll(() => adoptee?.drop())

  test.each(CASES.map(({ name, expected }, index) => [name, expected, index + 1] as const))(
    '%s',
    (_, expected, id) => {
      const row = rows.find((one) => one.id === id)
      expect(row).toMatchObject(typeof expected === 'function' ? expected(excused) : expected)
    }
  )
})
