import { expect, test } from 'vitest'
import { chooseDialect } from '../../src/entities/dialect.js'
import type { CdrSource } from '../../src/webex/cdr-source.js'
import { JsonItems } from '../../src/webex/json-body.js'

chooseDialect('sqlite')
const { windowPages } = await import('../../src/sync/window-pages.js')

const MIB = 2 ** 20

/** Two pages of so many bytes, and what happens to them, in order. */
async function readTwoOf(bytes: number): Promise<string[]> {
  const happened: string[] = []
  const pages = [1, 2].map(() => new JsonItems([new Uint8Array(bytes)]))
  async function* asked() {
    for (const [index, items] of pages.entries()) {
      const kept = pages.filter(({ length }) => length > 0).length
      happened.push(`page ${index + 1} asked for, ${kept} in memory or to come`)
      yield { items, last: index === 1 }
    }
  }
  const source: Pick<CdrSource, 'pages'> = { pages: asked }
  let stored = 0
  for await (const { items } of windowPages(source as CdrSource, { start: 0, end: 1 }, [])) {
    await new Promise(setImmediate)
    expect(items.length).toBe(1)
    stored += 1
    happened.push(`page ${stored} stored`)
  }
  return happened
}

test('fetches the next page while one is stored', async () => {
  expect(await readTwoOf(MIB)).toEqual([
    'page 1 asked for, 2 in memory or to come',
    'page 2 asked for, 2 in memory or to come',
    'page 1 stored',
    'page 2 stored'
  ])
})

test('lets go of a large page before it fetches the next one', async () => {
  expect(await readTwoOf(21 * MIB)).toEqual([
    'page 1 asked for, 2 in memory or to come',
    'page 1 stored',
    'page 2 asked for, 1 in memory or to come',
    'page 2 stored'
  ])
})
