import { type EntityManager, IsNull } from 'typeorm'
import { SAME_SESSION } from '../calls/journeys.js'
import { CdrRecord } from '../entities/index.js'
import { progressOf } from '../store/retention-progress.js'
import type { Asked } from './asked.js'
import type { FoundCalls } from './find-calls.js'
import type { Hop } from './hops.js'

/** What of the calls that were looked for, or of the legs of the one that was found, may be missing, beside gaps. */
export async function notesOf(
  manager: EntityManager,
  { kind }: Asked,
  { span, calls }: FoundCalls,
  journey: readonly Hop[] | null
): Promise<string[]> {
  const since = span?.since ?? Number.NEGATIVE_INFINITY
  const notes: string[] = []
  const deleted = (await progressOf(manager, 'delete'))?.before ?? Number.NEGATIVE_INFINITY
  const masked = (await progressOf(manager, 'mask'))?.before ?? Number.NEGATIVE_INFINITY
  const isSearch = kind !== 'id' || calls.length === 0
  if (isSearch && since < deleted) {
    notes.push(`calls before ${iso(deleted)} are deleted by the retention policy`)
  }
  if (isSearch && since < masked) {
    notes.push(`calls before ${iso(masked)} are masked: only a Report, Correlation or Journey ID finds them`)
  }
  if (journey) notes.push(...aboutLegs(calls[0]!.startUtc.getTime(), journey, deleted))
  if (await manager.existsBy(CdrRecord, { journeyId: IsNull() })) {
    notes.push(
      'some records are in no call yet, and are not looked at: `npm run rebuild-calls` makes calls of them'
    )
  }
  return notes
}

function aboutLegs(start: number, journey: readonly Hop[], deleted: number): string[] {
  const masked = journey.filter(({ isMasked }) => isMasked).length
  const which = masked === journey.length ? 'this call is' : `${masked} of ${journey.length} legs are`
  return [
    ...(start - SAME_SESSION < deleted
      ? [`records of calls before ${iso(deleted)} are deleted: earlier legs of this call may be missing`]
      : []),
    ...(masked > 0 ? [`${which} masked: names, identifiers and ends of numbers were removed`] : [])
  ]
}

function iso(time: number): string {
  return new Date(time).toISOString()
}
