import type { RawJson } from '../entities/index.js'
import { DriftCount } from './drift.js'
import { isAnotherLeg, keyBesideReportId, type LegKey } from './leg.js'
import { type CdrRow, type Flaw, type Mapped, toRecord, type Unstorable } from './record.js'

/** What came in a page, in its order. */
export interface Items extends Pick<readonly unknown[], 'length' | 'at'> {
  /** How much it is as JSON, where it is much. */
  bytes?: number
}

/** What of a row tells whether it is the one to keep. */
type Version = LegKey & Pick<CdrRow, 'reportTime'> & { position: number }

/** All rows at once of a larger page, in bytes of JSON, take too much memory. */
const MOST_KEPT = 20 * 2 ** 20

export function areLarge({ bytes = 0 }: Pick<Items, 'bytes'>): boolean {
  return bytes > MOST_KEPT
}

/** The items of a page, ready for the loader. */
export class PreparedPage {
  /**
   * The positions of the items that become rows, every record once: of two versions the one with the newest Report
   * time, then the last. A Report ID is there twice only where it is that of two legs.
   */
  readonly kept: readonly number[]
  /** The positions of the items that cannot be rows. */
  readonly unstorable: readonly number[]
  readonly flaws: readonly Flaw[]
  /** What of it this program does not know. */
  readonly drift = new DriftCount()
  /** Items that stood in the page again, or in a version that is not the newest. */
  readonly repeats: number
  /** Its rows are made again when they are asked for. */
  readonly isLarge: boolean
  /** Of JSON, on average; 0 where it is not known. */
  readonly bytesOfItem: number
  private readonly mappedItems: Mapped[] = []

  constructor(
    private readonly items: Items,
    readonly keeping: RawJson,
    readonly isOfReport: boolean
  ) {
    const versions = new Map<string, Version>()
    const unstorable: number[] = []
    const flaws: Flaw[] = []
    let repeats = 0
    this.isLarge = areLarge(items)
    this.bytesOfItem = (items.bytes ?? 0) / Math.max(items.length, 1)
    for (let position = 0; position < items.length; position += 1) {
      const mapped = toRecord(items.at(position), keeping, this.drift)
      if (!this.isLarge) this.mappedItems.push(mapped)
      if ('unstorable' in mapped) {
        unstorable.push(position)
        continue
      }
      flaws.push(...mapped.flaws)
      const { row } = mapped
      const first = versions.get(row.reportId)
      const key = first && isAnotherLeg(row, first) ? keyBesideReportId(row) : row.reportId
      const other = versions.get(key)
      if (other) repeats += 1
      if (!other || timeOf(row) >= timeOf(other)) versions.set(key, versionOf(row, position))
    }
    this.kept = [...versions.values()].map(({ position }) => position)
    this.unstorable = unstorable
    this.flaws = flaws
    this.repeats = repeats
  }

  /** How many items there were. */
  get length(): number {
    return this.items.length
  }

  /** @param positions of items that become rows */
  *rows(positions: readonly number[] = this.kept): Generator<CdrRow, void, undefined> {
    for (const mapped of this.mapped(positions)) if ('row' in mapped) yield mapped.row
  }

  *payloads(): Generator<Unstorable, void, undefined> {
    for (const mapped of this.mapped(this.unstorable)) if ('unstorable' in mapped) yield mapped.unstorable
  }

  private *mapped(positions: readonly number[]) {
    const counted = new DriftCount()
    for (const position of positions) {
      yield this.mappedItems[position] ?? toRecord(this.items.at(position), this.keeping, counted)
    }
  }
}

/**
 * @param keeping what of the items raw_json has
 * @param isOfReport its items say less than those of cdr_feed: they complete what is stored and replace none of it
 */
export function preparePage(items: Items, keeping: RawJson = 'all', isOfReport = false): PreparedPage {
  return new PreparedPage(items, keeping, isOfReport)
}

function versionOf(row: CdrRow, position: number): Version {
  const { reportId, reportTime, direction, correlationId, userId, localCallId } = row
  return { reportId, reportTime, direction, correlationId, userId, localCallId, position }
}

function timeOf({ reportTime }: Pick<CdrRow, 'reportTime'>): number {
  return reportTime?.getTime() ?? Number.NEGATIVE_INFINITY
}
