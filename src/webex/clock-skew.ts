/** How far the clock may be wrong, in ms: windows end half a minute before the service shows their last records. */
const TOLERATED = 30_000

/** How far a clock is ahead of the service's, in ms; 0 where the windows allow for it. */
export function clockAhead(skew: number | undefined): number {
  return skew !== undefined && skew > TOLERATED ? skew : 0
}

/**
 * A clock that is too wrong for the windows asked for, in words; undefined where it is right enough.
 * @param skew how far it is ahead of the service's, in ms
 */
export function sayWrongClock(skew: number | undefined): string | undefined {
  if (skew === undefined || Math.abs(skew) <= TOLERATED) return undefined
  const seconds = Math.round(Math.abs(skew) / 1_000)
  return `the clock of this machine is ${seconds} s ${skew > 0 ? 'ahead of' : 'behind'} the service’s: set it by NTP`
}
