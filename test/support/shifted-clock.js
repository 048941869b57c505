import { syncBuiltinESMExports } from 'node:module'
import timers from 'node:timers/promises'

/**
 * Loaded into the program by NODE_OPTIONS: its clock is CLOCK_AHEAD_MS ahead of the machine's, and the minute that it
 * waits after a 429 without Retry-After takes a second.
 */
const machine = Date.now.bind(Date)
Date.now = () => machine() + Number(process.env.CLOCK_AHEAD_MS ?? 0)

const RealDate = Date
globalThis.Date = new Proxy(RealDate, {
  construct(target, given, asked) {
    const type = asked === globalThis.Date ? target : asked
    return Reflect.construct(target, given.length === 0 ? [RealDate.now()] : given, type)
  },
  apply: () => new RealDate(RealDate.now()).toString()
})

const MINUTE = 60_000
const wait = timers.setTimeout
timers.setTimeout = (ms, ...rest) => wait(ms >= MINUTE ? ms / 60 : ms, ...rest)
syncBuiltinESMExports()
