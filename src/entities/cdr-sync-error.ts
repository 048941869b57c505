import { Entity, Index } from 'typeorm'
import {
  ExactText,
  Flag,
  Id,
  InsertTime,
  Integer,
  LegacyTime,
  LongText,
  Text,
  Time,
  Uuid
} from './columns.js'

/** errorType of a range of Start times of which calls are missing that no run fetches by itself. */
export const GAP = 'Gap'
/** errorType of a source that the service does not give us. */
export const REFUSED = 'SourceRefused'
/** errorType of a record that could not be stored. Other types are the names of errors that failed a run. */
export const QUARANTINED = 'QuarantinedRecord'

/** What went wrong and whether it has been made good: a failed run, a gap, or a record in quarantine. */
@Entity('cdr_sync_errors')
@Index('IX_cdr_sync_errors_record_key', ['recordKey'])
export class CdrSyncError {
  @Id('int') id!: number
  @InsertTime() errorTimestamp!: Date | null
  @Text(100) errorType!: string | null
  @LongText() errorMessage!: string | null
  @LongText() stackTrace!: string | null
  @Flag(undefined, { default: false }) recovered!: boolean | null
  @LegacyTime() recoveryTimestamp!: Date | null

  /** The run that met it, cdr_sync_state.id. */
  @Integer() runId!: number | null
  @Text(20) source!: string | null
  @ExactText(400) scope!: string | null
  /** The range that was not stored because of it. */
  @Time() rangeStartUtc!: Date | null
  @Time() rangeEndUtc!: Date | null
  /**
   * Quarantine: the record's Report ID; where there is none, or another leg has it, a hash, under which it stays open.
   */
  @Uuid() recordKey!: string | null
  /** Quarantine: the item as the service sent it, as JSON. */
  @LongText() payload!: string | null
  /** How often a record of the quarantine was delivered, or a window refused while others were not. */
  @Integer() sightings!: number | null
  @Time() lastSeenUtc!: Date | null
  /** Quarantine: when `retain` or `erase` took the payload; nothing fills it again. */
  @Time() maskedUtc!: Date | null
}
