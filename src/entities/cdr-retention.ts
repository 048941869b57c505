import { Entity } from 'typeorm'
import { BigInteger, Key, Time } from './columns.js'

/**
 * What `retain` does with records:
 *  delete     deletes them
 *  mask       takes from them what tells of people
 *  rawJson    removes raw_json
 *  all, rest  bring raw_json to that setting of RAW_JSON
 */
export type RetentionJob = 'delete' | 'mask' | 'rawJson' | 'all' | 'rest'

/** How far `retain` has come with a job. `sync` stores no record of a call that began before what `delete` has done. */
@Entity('cdr_retention')
export class CdrRetention {
  @Key(20) job!: RetentionJob
  /** It is done for calls that began before, in records up to `seenId`. */
  @Time(undefined, { nullable: false }) doneBeforeUtc!: Date
  /** cdr_records.id up to which records were looked at; on SQL Server the driver returns it as text. */
  @BigInteger({ nullable: false }) seenId!: number | string
  @Time(undefined, { nullable: false }) updatedUtc!: Date
}
