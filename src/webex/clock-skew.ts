import type { Now } from '../clock.js'
import { WrongClockError } from '../errors.js'

/** How far the clock may be wrong, in ms: windows end half a minute before the service shows their last records. */
const TOLERATED = 30_000

/** This program did not run before: a clock that says so, ours or a proxy's, tells nothing. */
const EARLIEST = Date.UTC(2026, 0)

/**
 * The present moment by the service's clock, as far as its answers tell it, where ours is too wrong for the windows;
 * else by ours. What is asked for and remembered by it stays right when the clock is set.
 */
export function serviceTime(http: { readonly clockSkew: number | undefined }, now: Now): Now {
  return () => {
    const present = now()
    const byService = present - (http.clockSkew ?? 0)
    return Math.abs(present - byService) <= TOLERATED || byService < EARLIEST ? present : byService
  }
}

/**
 * How far this clock is ahead of the one that wrote the Date of an answer, in ms: the least that explains it, as a proxy
 * may take its time before the answer, and a body behind it.
 * @param began when the request was sent, by this clock
 * @param ended when the answer was here, by this clock
 */
export function skewOf(date: number, began: number, ended: number): number {
  // The clock may have been set meanwhile.
  const [earlier, later] = [Math.min(began, ended), Math.max(began, ended)]
  return Math.max(earlier - date, 0) || Math.min(later - date, 0)
}

/** @throws WrongClockError where the moment cannot be now, and no window of it can be asked for */
export function requirePossible(moment: number): void {
  if (moment >= EARLIEST) return
  throw new WrongClockError(
    `the clock of this machine is at ${new Date(moment).toISOString()}: synchronise it with NTP; nothing was fetched`
  )
}

/**
 * A clock that is too wrong for the windows asked for, in words; undefined where it is right enough.
 * @param skew how far it is ahead of the service's, in ms
 */
export function sayWrongClock(skew: number | undefined): string | undefined {
  if (skew === undefined || Math.abs(skew) <= TOLERATED) return undefined
  return `the clock of this machine is ${sayLength(Math.abs(skew) / 1_000)} ${skew > 0 ? 'ahead of' : 'behind'} the service’s: synchronise it with NTP`
}

function sayLength(seconds: number): string {
  if (seconds < 7_200) return `${Math.round(seconds)} s`
  return seconds < 172_800 ? `${Math.round(seconds / 3_600)} hours` : `${Math.round(seconds / 86_400)} days`
}
