import { Entity, Index } from 'typeorm'
import { ExactText, Id, InsertTime, Integer, LegacyTime, Text, Time } from './columns.js'

/** running until it ends; interrupted when a later run finds it dead. */
export type RunStatus = 'running' | 'succeeded' | 'failed' | 'interrupted'

/** source of a run that stored a report of Control Hub. */
export const REPORT = 'report'

/**
 * One row a run. The watermark of a (source, scope) is the largest `lastSuccessfulEndTimeUtc` among its
 * rows. Rows of the predecessor have neither source nor scope: they are history only.
 */
@Entity('cdr_sync_state')
@Index('IX_cdr_sync_state_watermark', ['source', 'scope', 'lastSuccessfulEndTimeUtc'])
export class CdrSyncState {
  @Id('int') id!: number
  /** When this run succeeded; NULL where it has not. */
  @LegacyTime() lastSuccessfulRunUtc!: Date | null
  /** The scope's watermark as of this row's last change. */
  @LegacyTime() lastSuccessfulEndTimeUtc!: Date | null
  @Integer(undefined, { nullable: false }) recordsFetched!: number
  @Integer(undefined, { nullable: false }) syncDurationSeconds!: number
  @Integer(undefined, { nullable: false }) apiCallsMade!: number
  @InsertTime() createdAt!: Date | null
  @Text(500) notes!: string | null

  /** The API that was read, such as cdr_feed, or REPORT. */
  @Text(20) source!: string | null
  /** The location filter: see sync/scope. Compared exactly, so that no filter borrows another's watermark. */
  @ExactText(400) scope!: string | null
  @Text(20) status!: RunStatus | null
  @Time() rangeStartUtc!: Date | null
  @Time() rangeEndUtc!: Date | null
  /** Once the run has ended: what Webex had stored of the scope before this moment is here, gaps apart. */
  @Time() completeUntilUtc!: Date | null
  @Integer() recordsInserted!: number | null
  @Integer() recordsUpdated!: number | null
  @Integer() recordsDuplicate!: number | null
  @Integer() recordsQuarantined!: number | null
  /** New records whose calls began before the watermark as the run found it: they came late, or took long. */
  @Integer() recordsLate!: number | null
  /** How long before that watermark the first of them began, in s. */
  @Integer() latestSeconds!: number | null
}
