import { expect, test } from 'vitest'
import { chooseDialect } from '../../src/entities/dialect.js'
import { live } from '../support/live.js'

chooseDialect('sqlite')
const { preparePage } = await import('../../src/record/page.js')
const { slices } = await import('../../src/store/slices.js')

/** As the service sends them: so many records of 8 KB. */
function pageOf(records: number) {
  const items = Array.from({ length: records }, (_, index) => ({
    ...live,
    'Report ID': `00000000-0000-3000-8000-${String(index).padStart(12, '0')}`
  }))
  return Object.assign(items, { bytes: records * 8_192 })
}

test.each(['all', 'rest'] as const)(
  'a large page is written in slices of 1 MB, with RAW_JSON=%s too',
  (keeping) => {
    const page = preparePage(pageOf(3_000), keeping)
    const sizes = [...slices(page, page.kept)].map(({ rows }) => rows.length)
    expect(sizes).toEqual([...Array.from({ length: 23 }, () => 128), 56])
  }
)

test('another page is written at once', () => {
  const page = preparePage(pageOf(2_000), 'rest')
  expect([...slices(page, page.kept)].map(({ rows }) => rows.length)).toEqual([2_000])
})
