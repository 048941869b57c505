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

/** errorType of a range that the service no longer has. */
export const GAP = 'Gap'
/** errorType of a range that a killed run was to fetch again or for the first time. */
export const KILLED = 'KilledRun'
/** errorType of a window that was read to its end, though the service had more: an empty body, or fewer than announced. */
export const INCOMPLETE = 'IncompleteWindow'
/** errorType of a source that the service does not give us. */
export const REFUSED = 'SourceRefused'
/** errorType of a record that could not be stored. Other types are the names of errors that ended a run. */
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
  /** The range that is not (or not surely) stored because of it. */
  @Time() rangeStartUtc!: Date | null
  @Time() rangeEndUtc!: Date | null
  /**
   * Quarantine: the record's Report ID; where there is none, or another leg has it, a hash, under which it stays open.
   */
  @Uuid() recordKey!: string | null
  /** Quarantine: the item as the service sent it, as JSON. */
  @LongText() payload!: string | null
  /** Quarantine: how often the record was delivered and not stored. */
  @Integer() sightings!: number | null
  @Time() lastSeenUtc!: Date | null
}
