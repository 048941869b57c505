import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { FileError } from '../../src/errors.js'
import { type CsvRow, csvRows } from '../../src/history/csv.js'

async function* inOrder(texts: readonly string[]): AsyncGenerator<string> {
  yield* texts
}

async function rowsOf(...texts: string[]): Promise<CsvRow[]> {
  const rows: CsvRow[] = []
  for await (const some of csvRows(inOrder(texts), 'x.csv')) rows.push(...some)
  return rows
}

async function cellsOf(...texts: string[]): Promise<string[][]> {
  return (await rowsOf(...texts)).map(({ cells }) => cells)
}

/** RFC 4180, quoted where it has to be. */
function csvOf(rows: readonly (readonly string[])[], lineEnd: string): string {
  const cell = (text: string) => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text)
  return rows.map((row) => `${row.map(cell).join(',')}${lineEnd}`).join('')
}

const cell = fc.oneof(
  fc.string({ maxLength: 6 }),
  fc.constantFrom('', 'NA', '"', '""', ',', '\n', '\r\nx', 'a "b" c', 'Zürich 🙂', ' x ')
)
/** Neither blank nor, in its last cell, ended by a CR. */
const row = fc.array(cell, { minLength: 2, maxLength: 5 }).filter((cells) => !cells.at(-1)?.endsWith('\r'))

describe('the rows of a CSV', () => {
  test.each(['\n', '\r\n'])('are all cells that were written, lines ending in %j', (lineEnd) =>
    fc.assert(
      fc.asyncProperty(fc.array(row, { maxLength: 6 }), async (rows) => {
        expect(await cellsOf(csvOf(rows, lineEnd))).toEqual(rows)
      })
    )
  )

  test('are the same in whatever pieces the text comes, damaged or not', () =>
    fc.assert(
      fc.asyncProperty(
        fc.oneof(
          fc.array(row, { maxLength: 5 }).map((rows) => csvOf(rows, '\r\n')),
          fc.string({ unit: fc.constantFrom('"', ',', '\r', '\n', ' ', 'a'), maxLength: 24 })
        ),
        fc.array(fc.nat(30), { maxLength: 4 }),
        async (text, cuts) => {
          const edges = [0, ...cuts.filter((cut) => cut < text.length).sort((a, b) => a - b), text.length]
          const pieces = edges.slice(1).map((edge, index) => text.slice(edges[index], edge))
          expect(await outcome(pieces)).toEqual(await outcome([text]))
        }
      ),
      { numRuns: 400 }
    ))

  test('are the same wherever a text is cut in two', async () => {
    const text = 'a,b\r\n"1, ""x""\r\ny",2\r\n\r\n"3","4"\r\n5,\n'
    for (let at = 0; at <= text.length; at += 1) {
      expect(await cellsOf(text.slice(0, at), text.slice(at)), String(at)).toEqual([
        ['a', 'b'],
        ['1, "x"\r\ny', '2'],
        ['3', '4'],
        ['5', '']
      ])
    }
  })

  test('tell where a quotation mark is no good, and keep what stands there', async () => {
    expect(await rowsOf('a,"John "Jo" Doe",b\n1,2,3\n')).toEqual([
      { cells: ['a', 'John "Jo" Doe', 'b'], isTorn: true, end: 'line' },
      { cells: ['1', '2', '3'], isTorn: false, end: 'line' }
    ])
  })

  test('tell what ends the last one', async () => {
    const ends = async (text: string) => (await rowsOf(text)).map(({ end }) => end)
    expect(await ends('a,b\n1,2\n')).toEqual(['line', 'line'])
    expect(await ends('a,b\n1,"2"')).toEqual(['line', 'quote'])
    expect(await ends('a,b\n1,2')).toEqual(['line', 'nothing'])
  })

  test('end in an error where a quoted value does not end', async () => {
    await expect(rowsOf('a,b\n1,"2\n3,4\n')).rejects.toThrow('x.csv ends within a row')
    await expect(rowsOf('a,b\n1,"2', '\n3,4\n')).rejects.toBeInstanceOf(FileError)
  })
})

/** Its rows, or its error. */
async function outcome(pieces: readonly string[]): Promise<unknown> {
  try {
    return await rowsOf(...pieces)
  } catch (error) {
    expect(error).toBeInstanceOf(FileError)
    return String(error)
  }
}

test.each([
  ['without line ends', () => 'x'.repeat(2 ** 12)],
  ['with one opening quote', (index: number) => (index === 0 ? 'a,b\n"' : 'x,\n'.repeat(2 ** 10))],
  ['of commas', () => ','.repeat(2 ** 12)],
  ['of quotation marks', () => '"" "'.repeat(2 ** 10)]
])('50 MB %s are refused early, however small the pieces', async (_, piece) => {
  let given = 0
  async function* pieces() {
    for (; given < 12_800; given += 1) yield piece(given)
  }
  await expect(async () => {
    for await (const rows of csvRows(pieces(), 'x.csv')) void rows
  }).rejects.toThrow(/x.csv: a row does not end/)
  expect(given).toBeLessThan(700)
})
