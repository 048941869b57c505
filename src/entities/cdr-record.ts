import { Entity, Index, Unique } from 'typeorm'
import {
  Email,
  Flag,
  Hash,
  Id,
  InsertTime,
  Integer,
  LegacyTime,
  LongText,
  Text,
  Time,
  Uuid
} from './columns.js'

/**
 * What raw_json has of an item:
 *  all   the item as the service sent it
 *  rest  what the columns do not say: keys without a column, values that were cut, could not be read or are of another
 *        JSON type; NULL where there are none
 */
export type RawJson = 'all' | 'rest'

/**
 * One call detail record: one leg of a call as one side saw it. A call has several.
 *
 * Each API column names the key of `cdr_feed` that feeds it; the keys stand in the order in which the
 * service delivers them. Lengths have room over what was seen, as the service documents none.
 */
@Entity('cdr_records')
@Unique('UQ_cdr_records_report_id', ['reportId'])
@Index('IX_cdr_records_call_id_start_time', ['callId', 'startTime'])
@Index('IX_cdr_records_start_time', ['startTime'])
@Index('IX_cdr_records_calling_number', ['callingNumber'])
@Index('IX_cdr_records_called_number', ['calledNumber'])
@Index('IX_cdr_records_user_email', ['userEmail'])
@Index('IX_cdr_records_direction', ['direction'])
@Index('IX_cdr_records_call_outcome', ['callOutcome'])
@Index('IX_cdr_records_location_name', ['locationName'])
@Index('IX_cdr_records_correlation_id', ['correlationId'])
@Index('IX_cdr_records_start_time_direction', ['startTime', 'direction'])
@Index('IX_cdr_records_journey_id', ['journeyId'])
@Index('IX_cdr_records_interaction_id', ['interactionId'])
@Index('IX_cdr_records_local_call_id', ['localCallId'])
@Index('IX_cdr_records_transfer_related_call_id', ['transferRelatedCallId'])
@Index('IX_cdr_records_user_number', ['userNumber'])
export class CdrRecord {
  /** bigint on SQL Server, where the driver returns it as text. */
  @Id('bigint') id!: string | number

  @LegacyTime('Answer time') answerTime!: Date | null
  @Flag('Answered') answered!: boolean | null
  @Text(50, 'Direction') direction!: string | null
  @Text(256, 'Called line ID') calledLineId!: string | null
  @Text(150, 'Call ID', { nullable: false }) callId!: string
  @Text(256, 'Calling line ID') callingLineId!: string | null
  @LegacyTime('Start time', { nullable: false }) startTime!: Date
  @Text(64, 'Call type') callType!: string | null
  @Text(64, 'Client type') clientType!: string | null
  @Text(128, 'Client version') clientVersion!: string | null
  @Text(150, 'Correlation ID') correlationId!: string | null
  @Text(100, 'International country') internationalCountry!: string | null
  @Text(50, 'Device MAC') deviceMac!: string | null
  @Integer('Duration') duration!: number | null
  @Text(256, 'Inbound trunk') inboundTrunk!: string | null
  @Text(150, 'Org UUID') orgId!: string | null
  @Text(64, 'Original reason') originalReason!: string | null
  @Text(64, 'OS type') osType!: string | null
  @Text(256, 'Outbound trunk') outboundTrunk!: string | null
  @Text(100, 'Redirect reason') redirectReason!: string | null
  @Text(64, 'Related reason') relatedReason!: string | null
  @Uuid('Report ID', { nullable: false }) reportId!: string
  @Time('Report time') reportTime!: Date | null
  @Text(256, 'Route group') routeGroup!: string | null
  @Text(64, 'Site main number') siteMainNumber!: string | null
  @Text(64, 'Site timezone') siteTimezone!: string | null
  @Text(64, 'Sub client type') subClientType!: string | null
  @Text(150, 'User UUID') userId!: string | null
  @Text(64, 'User type') userType!: string | null
  @Text(256, 'User') userName!: string | null
  @Email(255, 'User') userEmail!: string | null
  @Text(64, 'Called number') calledNumber!: string | null
  @Text(64, 'Calling number') callingNumber!: string | null
  @Text(256, 'Location') locationName!: string | null
  @Text(128, 'Dialed digits') dialedDigits!: string | null
  @Text(64, 'Releasing party') releasingParty!: string | null
  @Text(64, 'Redirecting number') redirectingNumber!: string | null
  @Text(150, 'Site UUID') siteUuid!: string | null
  @Text(150, 'Site UUID') locationId!: string | null
  @Text(150, 'Department ID') departmentId!: string | null
  @Text(150, 'Transfer related call ID') transferRelatedCallId!: string | null
  @Text(64, 'Authorization code') authorizationCode!: string | null
  @Text(128, 'Model') model!: string | null
  @Text(150, 'Local SessionID') localSessionId!: string | null
  @Text(150, 'Remote SessionID') remoteSessionId!: string | null
  @LegacyTime('Call transfer time') callTransferTime!: Date | null
  @Text(64, 'Local call ID') localCallId!: string | null
  @Text(64, 'Remote call ID') remoteCallId!: string | null
  @Text(256, 'Network call ID') networkCallId!: string | null
  @Text(64, 'Related call ID') relatedCallId!: string | null
  @Text(64, 'User number') userNumber!: string | null
  @Text(64, 'Call outcome') callOutcome!: string | null
  @Text(128, 'Call outcome reason') callOutcomeReason!: string | null
  @Integer('Ring duration') ringDuration!: number | null
  @Text(50, 'Answer indicator') answerIndicator!: string | null
  @LegacyTime('Release time') releaseTime!: Date | null
  @Text(150, 'Final local SessionID') finalLocalSessionId!: string | null
  @Text(150, 'Final remote SessionID') finalRemoteSessionId!: string | null
  @Text(256, 'PSTN legal entity') pstnLegalEntity!: string | null
  @Uuid('PSTN vendor org ID') pstnVendorOrgId!: string | null
  @Text(256, 'PSTN vendor name') pstnVendorName!: string | null
  @Uuid('PSTN provider ID') pstnProviderId!: string | null
  @Text(128, 'External customer ID') externalCustomerId!: string | null
  @Text(50, 'Redirecting party UUID') redirectingPartyUuid!: string | null
  @Text(64, 'Public Calling IP Address') publicCallingIpAddress!: string | null
  @Text(64, 'Public Called IP Address') publicCalledIpAddress!: string | null
  @Text(64, 'Caller ID number') callerIdNumber!: string | null
  @Text(64, 'External caller ID number') externalCallerIdNumber!: string | null
  @Text(50, 'Device owner UUID') deviceOwnerUuid!: string | null
  @Text(64, 'Call Recording Platform Name') callRecordingPlatformName!: string | null
  @Text(64, 'Call Recording Result') callRecordingResult!: string | null
  @Text(64, 'Call Recording Trigger') callRecordingTrigger!: string | null
  @Text(50, 'Original called party UUID') originalCalledPartyUuid!: string | null
  @Text(64, 'Recall type') recallType!: string | null
  @Text(64, 'Auto Attendant Key Pressed') autoAttendantKeyPressed!: string | null
  @Text(64, 'Queue type') queueType!: string | null
  @Text(64, 'Answered elsewhere') answeredElsewhere!: string | null
  @Integer('Hold duration') holdDuration!: number | null
  @Text(64, 'Route list calls overage') routeListCallsOverage!: string | null
  @Text(64, 'Caller Reputation Score') callerReputationScore!: string | null
  @Text(64, 'Caller Reputation Service Result') callerReputationServiceResult!: string | null
  @Text(512, 'Caller Reputation Score Reason') callerReputationScoreReason!: string | null
  @Uuid('Interaction ID') interactionId!: string | null
  @Text(64, 'WxCC consult merge status') wxccConsultMergeStatus!: string | null
  @Text(64, 'ELIN') elin!: string | null
  @Text(64, 'Emergency number source') emergencyNumberSource!: string | null
  @Text(128, 'Transfer type') transferType!: string | null
  @Text(1024, 'Transfer type context') transferTypeContext!: string | null
  @Text(64, 'Answer reason') answerReason!: string | null

  /** JSON.stringify of the item as it was parsed, or of a part of it: see RawJson. */
  @LongText() rawJson!: string | null
  /** Of what the item says: see record/content. NULL in rows of the Python tool until they are delivered again. */
  @Hash() contentHash!: Buffer | null
  @InsertTime() ingestionTimestamp!: Date | null
  /** When a redelivery with other content last changed this row; NULL while it is as first stored. */
  @Time() updatedTimestamp!: Date | null
  /** Of the call that it is a leg of: CdrCall. NULL where `rebuild-calls` has yet to look at it. */
  @Uuid() journeyId!: string | null
  /** When `retain` or `erase` took from this row what tells of people; nothing fills it again. */
  @Time() maskedUtc!: Date | null
}
