import { Check, Entity, Index } from 'typeorm'
import { ExactText, Id, Text, Time } from './columns.js'

/**
 * Of what a row of cdr_coverage is a range:
 *  asked       Start times that somebody asked for; without an end where the scope is synced again and again
 *  cdr_feed    Start times that cdr_feed, or a report, was read for
 *  cdr_stream  times of storage that cdr_stream was read for
 *  settled     Start times that were complete a week ago: nothing more is expected
 *  accepted    Start times of which somebody has accepted that calls are missing
 */
export type CoverageSource = 'asked' | 'cdr_feed' | 'cdr_stream' | 'settled' | 'accepted'

/** What has been read: whatever was asked for and no other row covers is missing. Rows without length are free. */
@Entity('cdr_coverage')
@Index('IX_cdr_coverage_scope', ['scope'])
@Check('CK_cdr_coverage_range', 'end_utc >= start_utc')
@Check('CK_cdr_coverage_end', `source = 'asked' OR end_utc IS NOT NULL`)
export class CdrCoverage {
  @Id('int') id!: number
  /** The location filter: see coverage/scope. */
  @ExactText(400, { nullable: false }) scope!: string
  @Text(20, undefined, { nullable: false }) source!: CoverageSource
  @Time(undefined, { nullable: false }) startUtc!: Date
  @Time() endUtc!: Date | null
  /** cdr_feed: what Webex had stored of these calls before this moment is here. */
  @Time() readUtc!: Date | null
}
