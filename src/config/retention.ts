import type { Age } from './ages.js'

/** What is kept for how long; what is not set is kept for ever. */
export interface RetentionPolicy {
  /** Records are deleted when their calls are older. */
  records?: Age | undefined
  /** raw_json is removed. */
  rawJson?: Age | undefined
  /** Records lose what tells of people. */
  mask?: Age | undefined
  /** A masked number loses this many digits at its end, or is replaced by a keyed hash. */
  numbers: number | 'hash'
  /** Runs and errors that nobody needs any more are deleted. */
  runs?: Age | undefined
}

export function hasPolicy({ records, rawJson, runs, mask }: RetentionPolicy): boolean {
  return Boolean(records ?? rawJson ?? runs ?? mask)
}
