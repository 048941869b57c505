import { sayAge } from '../config/ages.js'
import type { RetentionPolicy } from '../config/retention.js'
import type { RawJson } from '../entities/index.js'

/** The policy in words, a line each. */
export function sayPolicy(
  { records, mask, numbers, rawJson, runs }: RetentionPolicy,
  keeping: RawJson
): string[] {
  const hidden =
    numbers === 'hash' ? 'numbers replaced by a keyed hash' : `the last ${numbers} digits of numbers cut`
  return [
    records
      ? `records older than ${sayAge(records)} are deleted`
      : 'records are never deleted (RETAIN_RECORDS)',
    mask
      ? `records older than ${sayAge(mask)} are masked: names, identifiers and addresses removed, ${hidden}`
      : 'records are never masked (MASK_AFTER)',
    rawJson
      ? `raw_json older than ${sayAge(rawJson)} is removed`
      : `raw_json is kept as RAW_JSON=${keeping} says (RETAIN_RAW_JSON)`,
    runs
      ? `runs and errors older than ${sayAge(runs)} are deleted`
      : 'runs and errors are never deleted (RETAIN_RUNS)'
  ]
}
