import { Entity, Unique } from 'typeorm'
import { BigInteger, ExactText, Id, Text, Time } from './columns.js'

/**
 * `key`: none of the 87 · `spelling`: one of them, written in another way · `type`: a value of another JSON type than
 * its key has · `value`: one that an enumeration does not have · `more`: the one row for what finds no room.
 */
export type DriftKind = 'key' | 'spelling' | 'type' | 'value' | 'more'

/** What the service sent that this program does not know, with a count. Nothing is lost: raw_json has it all. */
@Entity('cdr_api_drift')
@Unique('UQ_cdr_api_drift_kind_name_value', ['kind', 'name', 'value'])
export class CdrApiDrift {
  @Id('int') id!: number
  @Text(20, undefined, { nullable: false }) kind!: DriftKind
  /** The key as this program knows it; one that it does not know, as the service wrote it. */
  @ExactText(128, { nullable: false }) name!: string
  /** The value, the JSON type or the spelling; "" for an unknown key. */
  @ExactText(128, { nullable: false }) value!: string
  /** In all deliveries, repeated ones too; on SQL Server a bigint, which the driver returns as text. */
  @BigInteger({ nullable: false }) occurrences!: number | string
  /** Of an unknown key, and of an object or array where none was: the first value that holds something, as JSON. */
  @Text(256) example!: string | null
  @Time(undefined, { nullable: false }) firstSeenUtc!: Date
  @Time(undefined, { nullable: false }) lastSeenUtc!: Date
}
