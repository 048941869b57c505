import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { chooseDialect } from '../../src/entities/dialect.js'
import { FileError, UsageError } from '../../src/errors.js'
import { reportFiles } from '../../src/history/report-files.js'
import { startSimulator } from '../../src/simulator/index.js'
import { zip } from '../../src/simulator/reports/zip.js'
import { useFiles } from './files.js'

const written = useFiles()

chooseDialect('sqlite')
const { reportPages } = await import('../../src/history/report-pages.js')
const { preparePage } = await import('../../src/record/page.js')

const sim = await startSimulator({ recordsPerHour: 2, now: () => Date.UTC(2026, 9, 3) })
const csv = Buffer.concat([...sim.csv('2024', '2026-10-01', '2026-10-01')]).subarray(0, 9_000)
const whole = csv.subarray(0, csv.lastIndexOf('\r\n') + 2)
await sim.close()
const archive = await buffer(
  Readable.from(
    zip([
      { name: 'a.csv', content: [whole] },
      { name: 'b.csv', content: [whole.subarray(0, whole.indexOf('\r\n') + 2)] }
    ])
  )
)

/** The rows of what is found in these bytes, made ready to be stored. */
async function rowsOf(bytes: Uint8Array): Promise<unknown[] | 'refused'> {
  const found: unknown[] = []
  try {
    for (const file of await reportFiles(written(bytes))) {
      for await (const { items } of reportPages(file, undefined, 3)) {
        const page = preparePage(items, 'all', true)
        const counted = [...page.rows()].length + [...page.payloads()].length + page.repeats
        expect(counted).toBe(items.length)
        found.push(...items)
      }
    }
    return found
  } catch (error) {
    if (!(error instanceof FileError || error instanceof UsageError)) throw error
    expect(error.message).not.toMatch(/[\n\r]/)
    return 'refused'
  }
}

/** Bytes are turned, cut off, cut out, put in, and put in again. */
function damaged(bytes: Buffer): fc.Arbitrary<Buffer> {
  const at = fc.nat(bytes.length - 1)
  const change = fc.oneof(
    fc.tuple(at, fc.nat(255)).map(([place, byte]) => (old: Buffer) => {
      const changed = Buffer.from(old)
      if (place < old.length) changed[place] = byte
      return changed
    }),
    at.map((place) => (old: Buffer) => old.subarray(0, place)),
    fc.tuple(at, fc.nat(400)).map(
      ([place, length]) =>
        (old: Buffer) =>
          Buffer.concat([old.subarray(0, place), old.subarray(place + length)])
    ),
    fc
      .tuple(
        at,
        fc.oneof(
          fc.uint8Array({ maxLength: 12 }),
          fc.constantFrom('"', ',', '\n', '\r', '\0', '""', '\ufeff', ',,,,', 'PK\x01\x02').map(Buffer.from)
        )
      )
      .map(
        ([place, more]) =>
          (old: Buffer) =>
            Buffer.concat([old.subarray(0, place), more, old.subarray(place)])
      ),
    fc.tuple(at, fc.nat(2_000)).map(
      ([place, length]) =>
        (old: Buffer) =>
          Buffer.concat([old.subarray(0, place + length), old.subarray(place)])
    )
  )
  return fc
    .array(change, { minLength: 1, maxLength: 4 })
    .map((changes) => changes.reduce((old, step) => step(old), bytes))
}

test('any bytes are items or are refused', () =>
  fc.assert(
    fc.asyncProperty(
      fc.oneof(
        fc.uint8Array({ maxLength: 300 }),
        fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.concat([Buffer.from('PK'), bytes])),
        fc
          .string({
            unit: fc.constantFrom('"', ',', '\r', '\n', 'NA', '2026-10-01T10:00:00Z', '🙂'),
            maxLength: 60
          })
          .map((text) => Buffer.from(`Start time,Report ID,x\n${text}`))
      ),
      async (bytes) => void (await rowsOf(bytes))
    ),
    { numRuns: 250 }
  ))

test('a damaged CSV is items or is refused', async () => {
  const sound = new Set(((await rowsOf(whole)) as unknown[]).map((item) => JSON.stringify(item)))
  expect(sound.size).toBeGreaterThan(5)
  await fc.assert(
    fc.asyncProperty(damaged(whole), async (bytes) => {
      const found = await rowsOf(bytes)
      if (found === 'refused') return
      expect(found.length).toBeLessThan(sound.size * 6)
    }),
    { numRuns: 250 }
  )
})

test('a damaged ZIP brings what was in it, or nothing', async () => {
  const sound = JSON.stringify(await rowsOf(archive))
  expect(sound.length).toBeGreaterThan(5_000)
  await fc.assert(
    fc.asyncProperty(damaged(archive), async (bytes) => {
      const found = await rowsOf(bytes)
      // A second one may follow the first, or a name be another; what is found has the right checksum.
      if (found !== 'refused' && found.length > 0) expect(sound).toContain(JSON.stringify(found).slice(1, -1))
    }),
    { numRuns: 300 }
  )
})
