import { Entity } from 'typeorm'
import { Key, Time } from './columns.js'

/** Reports that `sync --history` has asked Webex to make: it deletes these there, and no others. */
@Entity('cdr_reports')
export class CdrReport {
  /** As Webex knows it. */
  @Key(255) reportId!: string
  /** Of which days, as Start times: the end is not in it. */
  @Time(undefined, { nullable: false }) startUtc!: Date
  @Time(undefined, { nullable: false }) endUtc!: Date
  /** By Webex's clock. */
  @Time(undefined, { nullable: false }) requestedUtc!: Date
  /** When its rows were stored and it was deleted at Webex, or could not be had; NULL while it is waited for. */
  @Time() endedUtc!: Date | null
}
