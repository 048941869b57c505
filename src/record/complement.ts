import type { CdrRecord } from '../entities/index.js'
import { contentOf, isEmpty } from './content.js'
import { fieldOf, folded, knownField } from './fields.js'
import { itemOf } from './raw-json.js'
import type { CdrRow } from './record.js'
import { isNothing, textOf } from './values.js'

/** A row of cdr_records, or one that came. */
type Row = Omit<CdrRecord, 'id' | 'ingestionTimestamp' | 'updatedTimestamp' | 'maskedUtc'>

/**
 * What a stored row and one of a report say together. A report has fewer columns than cdr_feed: it fills what the stored
 * row does not say, and changes what it says only where its Report time is later.
 * @returns the item; undefined where the report brings nothing
 */
export function complemented(stored: Row, came: CdrRow): Record<string, unknown> | undefined {
  const item = itemOf(stored)
  const known = contentOf(item).values
  const names = new Map(Object.keys(item).map((key) => [folded(key), key]))
  // No version of a call begins at another time: times that differ were read in the wrong time zone.
  const isAlike = stored.startTime.getTime() === came.startTime.getTime()
  const isLater =
    isAlike && came.reportTime !== null && !(stored.reportTime && stored.reportTime >= came.reportTime)
  let isChanged = false
  for (const [key, value] of Object.entries(itemOf(came))) {
    if (isEmpty(value) || fieldOf(key) === REPORT_ID) continue
    const field = fieldOf(key)
    const name = names.get(folded(key))
    const before = field ? known[field.index] : name === undefined ? undefined : item[name]
    if (!isNothing(before) && (!isLater || textOf(before) === textOf(value))) continue
    if (isNothing(value) && !isEmpty(before)) continue
    item[name ?? key] = value
    isChanged = true
  }
  return isChanged ? item : undefined
}

const REPORT_ID = knownField('Report ID')
