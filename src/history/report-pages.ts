import type { Readable } from 'node:stream'
import { FileError } from '../errors.js'
import { csvRows, cutOff } from './csv.js'
import type { ReportFile } from './report-files.js'
import { MOST_COLUMNS, ReportHeader } from './report-row.js'
import type { TimeZone } from './time-zone.js'

/** What of a report is stored at once. */
export interface ReportPage {
  /** As cdr_feed sends them; of a row that does not fit the header its cells. */
  items: (Record<string, unknown> | string[])[]
  /** How much of the file is read, uncompressed. */
  bytes: number
}

/** In bytes: rows of the service have some 2,000 each. */
const LARGEST_PAGE = 16 * 2 ** 20

/**
 * The rows of a report, page by page.
 * @param size how many rows a page has at most
 * @throws FileError where the file is not the report, is cut off or damaged; the pages before it stay good
 */
export async function* reportPages(
  file: ReportFile,
  zone: TimeZone | undefined,
  size: number
): AsyncGenerator<ReportPage, void, undefined> {
  const progress = { bytes: 0 }
  let header: ReportHeader | undefined
  let items: ReportPage['items'] = []
  let start = 0
  const stream = await file.open()
  try {
    for await (const rows of csvRows(textOf(stream, file.name, progress), file.name)) {
      for (const { cells, isTorn, end } of rows) {
        if (!header) {
          header = new ReportHeader(cells, file.name, zone)
          continue
        }
        if (end === 'nothing' || (end === 'quote' && cells.length < header.length)) throw cutOff(file.name)
        if (cells.length > MOST_COLUMNS)
          throw new FileError(`${file.name}: a row has ${cells.length} columns: it is no report`)
        items.push(isTorn || cells.length !== header.length ? cells : header.itemOf(cells))
        if (items.length < size && progress.bytes - start < LARGEST_PAGE) continue
        yield { items, bytes: progress.bytes }
        items = []
        start = progress.bytes
      }
    }
  } finally {
    stream.destroy()
  }
  if (!header) throw new FileError(`${file.name} has no header`)
  if (items.length > 0) yield { items, bytes: progress.bytes }
}

/** @throws FileError where the header or the first row cannot be read */
export async function checkBeginning(file: ReportFile, zone: TimeZone | undefined): Promise<void> {
  for await (const _ of reportPages(file, zone, 1)) return
}

async function* textOf(
  stream: Readable,
  name: string,
  progress: { bytes: number }
): AsyncGenerator<string, void, undefined> {
  const decoder = new TextDecoder('utf-8', { fatal: true })
  try {
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      progress.bytes += chunk.length
      yield decoder.decode(chunk, { stream: true })
    }
    yield decoder.decode()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_ENCODING_INVALID_ENCODED_DATA') throw error
    throw new FileError(
      `${name} is not in UTF-8: another program has probably saved it; import the file as it was downloaded`
    )
  }
}
