import { syncBuiltinESMExports } from 'node:module'
import timers from 'node:timers/promises'

/** Loaded into the program by NODE_OPTIONS: its waits of half a minute and more pass a hundred times as fast. */
const LONG = 30_000
const wait = timers.setTimeout
timers.setTimeout = (ms, ...rest) => wait(ms >= LONG ? ms / 100 : ms, ...rest)
syncBuiltinESMExports()
