import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { deflateRawSync } from 'node:zlib'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { FileError, UsageError } from '../../src/errors.js'
import { inTemporaryFile, reportFiles } from '../../src/history/report-files.js'
import { useFiles, zipped } from './files.js'

const written = useFiles()

const CSV = 'Start time,Report ID\n2026-10-01T10:00:00.000Z,1\n'
const running = new AbortController().signal

async function contentsOf(path: string): Promise<[name: string, content: string][]> {
  const files = await reportFiles(path)
  return Promise.all(
    files.map(async ({ name, open }) => [name, await text(await open())] as [string, string])
  )
}

describe('the files of a report', () => {
  test('are a CSV or those of a ZIP, by its bytes and not by its name', async () => {
    expect(await contentsOf(written(CSV, 'download'))).toEqual([['download', CSV]])
    expect(await contentsOf(written(await zipped({ 'a.csv': CSV }), 'report.csv'))).toEqual([
      ['report.csv: a.csv', CSV]
    ])
  })

  test('are all CSVs of a ZIP, and nothing else of it', async () => {
    const zip = await zipped({
      'b.CSV': CSV,
      'folder/': '',
      'folder/a.csv': 'x',
      '__MACOSX/._b.csv': 'no',
      '._c.csv': 'no',
      'readme.txt': 'no',
      'inner.zip': 'PK'
    })
    expect(await contentsOf(written(zip))).toEqual([
      ['report.csv: b.CSV', CSV],
      ['report.csv: folder/a.csv', 'x']
    ])
  })

  test('are those of a folder, in order of their names', async () => {
    const folder = dirname(written(CSV, 'b.csv'))
    writeFileSync(join(folder, 'a.ZIP'), await zipped({ 'x.csv': 'zipped' }))
    writeFileSync(join(folder, '.hidden.csv'), 'no')
    writeFileSync(join(folder, 'notes.txt'), 'no')
    mkdirSync(join(folder, 'c'))
    expect(await contentsOf(folder)).toEqual([
      ['a.ZIP: x.csv', 'zipped'],
      ['b.csv', CSV]
    ])
  })

  test('have names that a terminal may show', async () => {
    const zip = await zipped({ 'a\u001b[2J\u202e.csv': CSV })
    const [[name = ''] = []] = await contentsOf(written(zip))
    expect(name).not.toMatch(/[\p{Cc}\p{Cf}]/u)
  })

  test('leave no file open, read or not', async () => {
    const path = written(await zipped({ 'a.csv': CSV.repeat(9_000), 'b.csv': CSV }))
    const before = openFiles()
    const [first, second] = await reportFiles(path)
    await text((await second?.open()) ?? Readable.from([]))
    const unread = await first?.open()
    await new Promise((resolve) => unread?.once('readable', resolve))
    unread?.destroy()
    await new Promise((resolve) => setTimeout(resolve, 20))
    expect(openFiles()).toBe(before)
  })
})

function openFiles(): number {
  return process.platform === 'linux' ? readdirSync('/proc/self/fd').length : 0
}

describe('is refused', () => {
  test.each<[string, string | Buffer, RegExp]>([
    ['an empty file', '', /^report.csv is empty$/],
    ['a web page', '<!DOCTYPE html>\n<html>', /is a web page and no report, probably a page to sign in/],
    ['a web page with a BOM and blanks', '\ufeff \r\n<html>', /is a web page/],
    ['UTF-16', Buffer.from(`\ufeff${CSV}`, 'utf16le'), /is not in UTF-8: another program has probably/],
    ['UTF-16 without a BOM', Buffer.from(CSV, 'utf16le'), /is not in UTF-8/],
    ['UTF-16, the other way round', Buffer.from(`\ufeff${CSV}`, 'utf16le').swap16(), /is not in UTF-8/],
    ['the beginning of a ZIP alone', 'PK\u0003\u0004', /is a ZIP file that is damaged or cut off/]
  ])('%s', async (_, bytes, message) => {
    const failing = reportFiles(written(bytes))
    await expect(failing).rejects.toThrow(message)
    await expect(failing).rejects.toBeInstanceOf(FileError)
  })

  test('what is not there, and a folder without reports, as wrong usage', async () => {
    await expect(reportFiles('/no/such/file')).rejects.toThrow(/^cannot read \/no\/such\/file: ENOENT/)
    const folder = dirname(written('x', 'x.txt'))
    await expect(reportFiles(folder)).rejects.toThrow(/has no .csv and no .zip file/)
    await expect(reportFiles(folder)).rejects.toBeInstanceOf(UsageError)
  })
})

/** A ZIP with the bytes of its only entry's directory changed. */
async function changed(change: (zip: Buffer, directory: number) => void, content = CSV): Promise<Buffer> {
  const zip = await zipped({ 'a.csv': content })
  change(zip, zip.lastIndexOf(Buffer.from([0x50, 0x4b, 1, 2])))
  return zip
}

describe('of ZIP files', () => {
  test.each<[string, () => Promise<Buffer>, RegExp]>([
    ['one without a CSV', () => zipped({ 'a.txt': CSV }), /has no CSV file in it/],
    ['one with nothing in it', () => zipped({}), /has no CSV file in it/],
    ['one with another ZIP in it', async () => zipped({ 'a.zip': String(await zipped({})) }), /has no CSV/],
    ['one that climbs out', () => zipped({ '../a.csv': CSV }), /damaged or cut off \(invalid relative path/],
    ['one that names a root', () => zipped({ '/tmp/a.csv': CSV }), /damaged or cut off \(absolute path/],
    ['one that names a drive', () => zipped({ 'C:\\a.csv': CSV }), /damaged or cut off \(absolute path/],
    ['an encrypted one', () => changed((zip, at) => (zip[at + 8] = 9)), /encrypted/],
    [
      'one of an unknown method',
      () => changed((zip, at) => zip.writeUInt16LE(9, at + 10)),
      /compression method/
    ],
    [
      'one with a wrong checksum',
      () => changed((zip, at) => zip.writeUInt32LE(1, at + 16)),
      /checksum of a.csv/
    ],
    [
      'one with a wrong size',
      () => changed((zip, at) => zip.writeUInt32LE(5, at + 24)),
      /damaged or cut off/
    ],
    ['a bomb', () => zipped({ 'a.csv': '0'.repeat(12 * 2 ** 20) }), /unpack to more than 200 times its size/],
    [
      'a bomb that lies about its size',
      () => changed((zip, at) => zip.writeUInt32LE(100, at + 24), '0'.repeat(12 * 2 ** 20)),
      /damaged or cut off/
    ]
  ])('%s is refused', async (_, make, message) => {
    const failing = reportFiles(written(await make()))
    await expect(failing).rejects.toThrow(message)
    await expect(failing).rejects.toBeInstanceOf(FileError)
  })

  test('each that is cut off is refused', async () => {
    const lines = Array.from({ length: 300 }, (_, index) => `${Math.sin(index)},${index}`).join('\n')
    const zip = await zipped({ 'a.csv': lines, 'b.csv': CSV })
    for (let length = zip.length - 1; length > 3; length -= length > zip.length - 120 ? 1 : 100) {
      const failing = reportFiles(written(zip.subarray(0, length)))
      await expect(failing, String(length)).rejects.toBeInstanceOf(FileError)
    }
  })

  test('one whose content packs well is no bomb', async () => {
    const [file] = await reportFiles(written(await zipped({ 'a.csv': '0'.repeat(9 * 2 ** 20) })))
    expect(file?.bytes).toBe(9 * 2 ** 20)
    expect(deflateRawSync('0'.repeat(9 * 2 ** 20)).length * 200).toBeLessThan(9 * 2 ** 20)
  })
})

describe('standard input', () => {
  test('is a file for the owner alone while it is worked on, and none afterwards', async () => {
    let path = ''
    const found = await inTemporaryFile(Readable.from([CSV]), running, async (kept) => {
      path = kept
      if (process.platform !== 'win32') expect(statSync(kept).mode & 0o077).toBe(0)
      return readFileSync(kept, 'utf8')
    })
    expect(found).toBe(CSV)
    expect(existsSync(dirname(path))).toBe(false)
  })

  test('leaves no file where the work fails, it breaks off, or somebody ends it', async () => {
    const own = dirname(written(''))
    rmSync(join(own, 'report.csv'))
    for (const name of ['TMPDIR', 'TEMP', 'TMP']) vi.stubEnv(name, own)
    onTestFinished(() => void vi.unstubAllEnvs())
    const failing = inTemporaryFile(Readable.from([CSV]), running, async () => {
      expect(readdirSync(own)).toHaveLength(1)
      throw new Error('no')
    })
    await expect(failing).rejects.toThrow('no')
    const broken = new Readable({
      read() {
        this.push(CSV)
        this.destroy(new Error('broken'))
      }
    })
    const breaking = inTemporaryFile(broken, running, async () => {})
    await expect(breaking).rejects.toThrow('broken')
    const stop = new AbortController()
    const waiting = inTemporaryFile(new Readable({ read() {} }), stop.signal, async () => {})
    stop.abort(new Error('stopped'))
    await expect(waiting).rejects.toThrow('stopped')
    expect(readdirSync(own)).toEqual([])
  })
})
