import { type Age, beginningOf } from '../config/ages.js'
import type { RetentionPolicy } from '../config/retention.js'
import type { CdrRecord, RawJson } from '../entities/index.js'
import { hashOfJson, rawJsonFor } from '../record/raw-json.js'
import type { CdrLoader } from '../store/loader.js'
import { changeCalls, maskedCall } from './call-mask.js'
import { MASKED_COLUMNS, masked, type NumberMask } from './mask.js'
import type { Walk } from './walk.js'

export interface JobContext {
  policy: RetentionPolicy
  rawJson: RawJson
  loader: CdrLoader
  /** In ms since 1970 UTC. */
  now: number
}

/** Takes from records what tells of people. */
export function masking({ loader, now }: JobContext, age: Age, mask: NumberMask): Walk {
  const before = beginningOf(age, now)
  return {
    job: 'mask',
    before,
    isDue: ({ startTime, maskedUtc }) => maskedUtc === null && startTime.getTime() < before,
    async change(manager, records) {
      const rows = records.map((record) => masked(record, mask, new Date(now)))
      await manager.withRepository(loader).change(MASKED_COLUMNS, rows)
      await changeCalls(manager, records, (call) => maskedCall(call, mask, new Date(now)))
      return rows.length
    }
  }
}

/** Removes raw_json. */
export function emptying({ loader, now }: JobContext, age: Age): Walk {
  const before = beginningOf(age, now)
  return {
    job: 'rawJson',
    before,
    isDue: ({ startTime, rawJson }) => rawJson !== null && startTime.getTime() < before,
    async change(manager, records) {
      const rows = records.map((record) => ({ ...record, contentHash: hashOf(record), rawJson: null }))
      await manager.withRepository(loader).change(['contentHash', 'rawJson'], rows)
      return rows.length
    }
  }
}

/** Brings raw_json to the setting RAW_JSON. */
export function conversion({ policy, rawJson: keeping, loader, now }: JobContext): Walk {
  const emptied = policy.rawJson ? beginningOf(policy.rawJson, now) : Number.NEGATIVE_INFINITY
  return {
    job: keeping,
    isDue: ({ startTime, maskedUtc }) => maskedUtc === null && startTime.getTime() >= emptied,
    async change(manager, records) {
      const rows = records.flatMap((record) => {
        const rawJson = rawJsonFor(record, keeping)
        return rawJson === record.rawJson ? [] : [{ ...record, contentHash: hashOf(record), rawJson }]
      })
      await manager.withRepository(loader).change(['contentHash', 'rawJson'], rows)
      return rows.length
    }
  }
}

/** Rows of the Python tool have none: without raw_json nobody could tell what they said. */
function hashOf({ contentHash, rawJson }: CdrRecord): Buffer | null {
  return contentHash ?? (rawJson === null ? null : hashOfJson(rawJson))
}
