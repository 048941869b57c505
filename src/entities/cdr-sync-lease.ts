import { Entity } from 'typeorm'
import { Integer, Key, Text, Time, Uuid } from './columns.js'

/** Who may run now: one row a database. All times are by the database's clock. */
@Entity('cdr_sync_lease')
export class CdrSyncLease {
  @Key(50) name!: string
  /** A UUID made for each acquisition. */
  @Uuid(undefined, { nullable: false }) holder!: string
  @Text(255, undefined, { nullable: false }) host!: string
  @Integer(undefined, { nullable: false }) processId!: number
  @Time(undefined, { nullable: false }) acquiredUtc!: Date
  @Time(undefined, { nullable: false }) heartbeatUtc!: Date
  @Time(undefined, { nullable: false }) expiresUtc!: Date
}
