import { Entity } from 'typeorm'
import { Integer, IntegerKey, Text, Time, TimeKey, UuidKey } from './columns.js'

/** Whom a call was put to. */
export type PartyKind =
  | 'user'
  | 'place'
  | 'virtual_line'
  | 'attendant'
  | 'ai_receptionist'
  | 'queue'
  | 'hunt_group'
  | 'voicemail'
  | 'callback'
  | 'outside'
  | 'other'

/** What became of it there. */
export type PartyOutcome =
  | 'answered'
  | 'elsewhere'
  | 'unreachable'
  | 'no_answer'
  | 'busy'
  | 'refused'
  | 'blocked'
  | 'failed'
  | 'abandoned'
  | 'passed_on'

/**
 * One party that a call was put to: a person, a service or somebody outside. The two records of one leg give one party.
 * docs/BI.md defines each column. Rows come and go with the row of their call.
 */
@Entity('cdr_call_parties')
export class CdrCallParty {
  /** Of the call: first in the key, so that the rows of a range of time lie together. */
  @TimeKey({ primaryKeyConstraintName: 'PK_cdr_call_parties' }) callStartUtc!: Date
  @UuidKey({ primaryKeyConstraintName: 'PK_cdr_call_parties' }) journeyId!: string
  /** From 1, in order of time. */
  @IntegerKey({ primaryKeyConstraintName: 'PK_cdr_call_parties' }) position!: number
  @Text(20, undefined, { nullable: false }) kind!: PartyKind
  @Text(150) userId!: string | null
  @Text(256) name!: string | null
  @Text(64) number!: string | null
  @Text(256) locationName!: string | null
  @Integer() utcOffsetMinutes!: number | null
  /** The service that put the call through: its name. */
  @Text(256) sentBy!: string | null
  /** What kind of service that is. */
  @Text(20) sentByKind!: PartyKind | null
  @Time(undefined, { nullable: false }) presentedUtc!: Date
  /** When it answered; of a queue or hunt group, when a person whom it rang did. */
  @Time() answeredUtc!: Date | null
  @Time() leftUtc!: Date | null
  @Integer(undefined, { nullable: false }) ringSeconds!: number
  @Integer(undefined, { nullable: false }) talkSeconds!: number
  @Integer(undefined, { nullable: false }) holdSeconds!: number
  @Text(20, undefined, { nullable: false }) outcome!: PartyOutcome
  @Text(128) outcomeReason!: string | null
  /** Of an attendant: the last key. */
  @Text(64) keyPressed!: string | null
  @Text(64) callType!: string | null
  @Text(100) country!: string | null
  @Text(256) pstnVendorName!: string | null
  /** Over which this leg came in or went out. */
  @Text(256) trunk!: string | null
}
