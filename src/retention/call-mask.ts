import type { EntityManager } from 'typeorm'
import type { Call } from '../calls/call.js'
import { isService } from '../calls/meanings.js'
import type { CdrCall, CdrCallParty, CdrRecord } from '../entities/index.js'
import { createCallTables } from '../store/create-call-tables.js'
import { storedCalls } from '../store/stored-calls.js'
import { maskedNumber, type NumberMask } from './mask.js'

/** Changes the calls of records. Part of a transaction that may make calls. */
export async function changeCalls(
  manager: EntityManager,
  records: readonly Pick<CdrRecord, 'journeyId'>[],
  change: (call: Call) => Call
): Promise<void> {
  const calls = await storedCalls(
    manager,
    records.flatMap(({ journeyId }) => journeyId ?? [])
  )
  const tables = await createCallTables(manager)
  await tables.replace(new Set(), calls.map(change))
}

/** A call without what tells of people. It is not made anew of masked records, which tell less of its services. */
export function maskedCall({ call, parties }: Call, mask: NumberMask, now: Date): Call {
  return {
    call: {
      ...call,
      ...maskedNumbers(call, ['callingNumber', 'calledNumber', 'answeredByNumber'], mask),
      ...NOBODY,
      maskedUtc: now
    },
    parties: parties.map((party) => maskedParty(party, mask))
  }
}

const NOBODY = {
  callingName: null,
  callingUserId: null,
  calledName: null,
  calledUserId: null,
  answeredByName: null,
  answeredByUserId: null
} satisfies Partial<CdrCall>

/** Services are nobody; a voicemail is known by the person whose it is. */
function maskedParty(party: CdrCallParty, mask: NumberMask): CdrCallParty {
  if (isService(party.kind)) return party
  return { ...party, ...maskedNumbers(party, ['number'], mask), name: null, userId: null }
}

function maskedNumbers<Column extends string>(
  row: Record<Column, string | null>,
  columns: readonly Column[],
  mask: NumberMask
): Record<Column, string | null> {
  const masked = columns.map((column) => [column, maskedNumber(row[column], mask)])
  return Object.fromEntries(masked) as Record<Column, string | null>
}
