import { Entity, Index } from 'typeorm'
import { Integer, Text, Time, UuidKey } from './columns.js'

/** What kind of call it is as a whole, whatever its legs are. */
export type CallClass =
  | 'internal'
  | 'inbound'
  | 'outbound'
  | 'toll_free'
  | 'emergency'
  | 'meeting'
  | 'unknown'

/** How it ended for the caller. */
export type CallOutcome =
  | 'answered'
  | 'voicemail'
  | 'abandoned'
  | 'busy'
  | 'no_answer'
  | 'refused'
  | 'blocked'
  | 'failed'

/**
 * One call, made from its legs (cdr_records with its journey ID). docs/BI.md defines each column; `calls/call` makes
 * them. A row is replaced whenever a leg of its call comes, changes, is masked or goes.
 */
@Entity('cdr_calls')
@Index('IX_cdr_calls_start_utc', ['startUtc', 'journeyId'])
export class CdrCall {
  @UuidKey({ primaryKeyConstraintName: 'PK_cdr_calls' }) journeyId!: string
  @Text(150) orgId!: string | null
  @Time(undefined, { nullable: false }) startUtc!: Date
  /** When a person answered. */
  @Time() answeredUtc!: Date | null
  @Time() endUtc!: Date | null
  /** Of the location, at that time of the year. */
  @Integer() utcOffsetMinutes!: number | null
  /** In the location's time; in UTC where that is not known. */
  @Time(undefined, { nullable: false }) startLocal!: Date
  @Time() answeredLocal!: Date | null
  @Time() endLocal!: Date | null
  @Text(20, undefined, { nullable: false }) callClass!: CallClass
  /** Of the leg that decides the class, as Webex says it. */
  @Text(64) callType!: string | null
  @Text(20, undefined, { nullable: false }) outcome!: CallOutcome
  @Text(128) outcomeReason!: string | null
  @Text(64) callingNumber!: string | null
  @Text(256) callingName!: string | null
  @Text(150) callingUserId!: string | null
  @Text(64) calledNumber!: string | null
  @Text(256) calledName!: string | null
  @Text(150) calledUserId!: string | null
  @Text(64) answeredByNumber!: string | null
  @Text(256) answeredByName!: string | null
  @Text(150) answeredByUserId!: string | null
  /** In order, as `Main Menu [2] > Customer Care > Voicemail`. */
  @Text(1024) services!: string | null
  @Integer(undefined, { nullable: false }) waitSeconds!: number
  @Integer(undefined, { nullable: false }) ringSeconds!: number
  @Integer(undefined, { nullable: false }) talkSeconds!: number
  @Integer(undefined, { nullable: false }) holdSeconds!: number
  /** Records in cdr_records. */
  @Integer(undefined, { nullable: false }) legs!: number
  @Integer(undefined, { nullable: false }) transfers!: number
  @Integer(undefined, { nullable: false }) forwards!: number
  @Text(256) locationName!: string | null
  @Text(256) inboundTrunk!: string | null
  @Text(256) outboundTrunk!: string | null
  @Text(256) pstnVendorName!: string | null
  @Text(100) country!: string | null
  @Text(64) recordingResult!: string | null
  @Text(64) spamResult!: string | null
  /** Calls above the licensed volume of route lists at that moment, by the leg that says most. */
  @Integer() routeListOverage!: number | null
  /** When the newest of its masked legs was masked. */
  @Time() maskedUtc!: Date | null
  /** When this row was made, by the database's clock. */
  @Time(undefined, { nullable: false }) updatedUtc!: Date
}
