import { uuidOfHash } from './derived-key.js'
import type { CdrRow } from './record.js'
import { isNothing } from './values.js'

/**
 * What tells one leg from another and no correction of a record changes. The Report ID, which is documented to do so,
 * stands above them; these tell where it does not.
 */
export const LEG = [
  'direction',
  'correlationId',
  'userId',
  'localCallId'
] as const satisfies readonly (keyof CdrRow)[]

/** What of a row tells its leg. */
export type LegKey = Pick<CdrRow, 'reportId' | (typeof LEG)[number]>

/** Whether two records are of different legs. What one of them does not tell decides nothing, nor does letter case. */
export function isAnotherLeg(a: LegKey, b: LegKey): boolean {
  return LEG.some((property) => {
    const [one, other] = [a[property], b[property]]
    if (one === other || isNothing(one) || isNothing(other)) return false
    return one?.toLowerCase() !== other?.toLowerCase()
  })
}

/** A UUID for the record of a leg whose Report ID is another's: the same for each of its versions. */
export function keyBesideReportId(row: LegKey): string {
  return uuidOfHash(
    [row.reportId, ...LEG.map((property) => row[property]?.toLowerCase() ?? '')].join('\u001f')
  )
}
