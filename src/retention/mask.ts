import { createHmac } from 'node:crypto'
import type { CdrRecord } from '../entities/index.js'
import { saysNothing } from '../record/values.js'

/** What becomes of a telephone number: its last digits go, it is replaced by a keyed hash, or it goes. */
export type NumberMask = { digits: number } | { key: string } | 'clear'

export const NUMBERS = [
  'calledNumber',
  'callingNumber',
  'redirectingNumber',
  'userNumber',
  'callerIdNumber',
  'externalCallerIdNumber'
] as const
/** A hash in place of the user's UUID would make a redelivery another leg (record/leg); NULL leaves that open. */
const CLEARED = [
  'userId',
  'redirectingPartyUuid',
  'deviceOwnerUuid',
  'originalCalledPartyUuid',
  'userName',
  'userEmail',
  'calledLineId',
  'callingLineId',
  'deviceMac',
  'dialedDigits',
  'authorizationCode',
  'publicCallingIpAddress',
  'publicCalledIpAddress',
  'callerReputationScoreReason',
  'elin',
  'transferTypeContext',
  'rawJson',
  'contentHash'
] as const
/** They end in @ and the address of a host. */
const ADDRESSED = ['callId', 'networkCallId'] as const

export const MASKED_COLUMNS = [...NUMBERS, ...CLEARED, ...ADDRESSED, 'maskedUtc'] as const
export type MaskedColumns = Pick<CdrRecord, (typeof MASKED_COLUMNS)[number] | 'reportId'>

/** A record without what tells of people. */
export function masked(record: CdrRecord, mask: NumberMask, now: Date): MaskedColumns {
  const row = { ...pick(record), maskedUtc: now }
  for (const column of NUMBERS) row[column] = maskedNumber(record[column], mask)
  for (const column of CLEARED) row[column] = null
  row.callId = withoutHost(record.callId)
  row.networkCallId = record.networkCallId && withoutHost(record.networkCallId)
  return row
}

function pick(record: CdrRecord): MaskedColumns {
  const columns = ['reportId', ...MASKED_COLUMNS] as const
  return Object.fromEntries(columns.map((column) => [column, record[column]])) as unknown as MaskedColumns
}

export function maskedNumber(number: string | null, mask: NumberMask): string | null {
  if (number === null || saysNothing(number)) return number
  if (mask === 'clear') return null
  // A call is masked once for each batch in which legs of it are.
  if (isMasked(number, mask)) return number
  if ('key' in mask) return hashed(number, mask.key)
  // An address in place of a number has a name in it.
  if (!/^[+*#]?[\d*#]+$/.test(number)) return null
  const kept = Math.max(0, number.length - mask.digits)
  return number.slice(0, kept) + 'x'.repeat(number.length - kept)
}

function isMasked(number: string, mask: { digits: number } | { key: string }): boolean {
  if ('key' in mask) return /^hmac:[\w-]{16}$/.test(number)
  const masked = /^[+*#]?[\d*#]*(x+)$/.exec(number)
  return masked !== null && (masked[1]?.length === mask.digits || masked[1] === number)
}

/** 96 bits, so that no two callers of an organisation become one. */
function hashed(value: string, key: string): string {
  return `hmac:${createHmac('sha256', key).update(value.toLowerCase()).digest('base64url').slice(0, 16)}`
}

function withoutHost(id: string): string {
  return id.replace(/@.*$/s, '')
}
