import type { CdrRecord } from '../entities/index.js'
import { isNothing } from '../record/values.js'

/** The columns of a record that a call is made from. */
export const LEG_COLUMNS = [
  'reportId',
  'journeyId',
  'orgId',
  'correlationId',
  'interactionId',
  'transferRelatedCallId',
  'localCallId',
  'remoteCallId',
  'networkCallId',
  'relatedCallId',
  'direction',
  'startTime',
  'answerTime',
  'releaseTime',
  'callTransferTime',
  'answered',
  'answerIndicator',
  'answeredElsewhere',
  'callType',
  'callOutcome',
  'callOutcomeReason',
  'releasingParty',
  'callingNumber',
  'callingLineId',
  'calledNumber',
  'calledLineId',
  'userId',
  'userName',
  'userNumber',
  'userType',
  'locationName',
  'siteTimezone',
  'duration',
  'ringDuration',
  'holdDuration',
  'redirectReason',
  'relatedReason',
  'redirectingPartyUuid',
  'autoAttendantKeyPressed',
  'transferType',
  'inboundTrunk',
  'outboundTrunk',
  'pstnVendorName',
  'internationalCountry',
  'callRecordingResult',
  'callerReputationServiceResult',
  'routeListCallsOverage'
] as const satisfies readonly (keyof CdrRecord)[]

/** A record as a leg of a call: as it came, or as it is stored. */
export type CallLeg = Pick<CdrRecord, (typeof LEG_COLUMNS)[number]> & Partial<Pick<CdrRecord, 'maskedUtc'>>

/** A text, unless it is one of the service's words for nothing. */
export function said(text: string | null): string | null {
  return isNothing(text) ? null : text
}
