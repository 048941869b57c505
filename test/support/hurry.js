/** Loaded into the program by NODE_OPTIONS: time limits of five seconds and more pass ten times as fast. */
const LONG = 5_000
const wait = globalThis.setTimeout
globalThis.setTimeout = Object.assign(
  (action, ms, ...rest) => wait(action, ms >= LONG ? ms / 10 : ms, ...rest),
  wait
)
