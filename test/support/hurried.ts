/** For a program whose long time limits a test waits for. */
export const HURRIED = { NODE_OPTIONS: `--import ${new URL('hurry.js', import.meta.url).href}` }
/** For a program whose long waits between two looks at something a test waits for. */
export const IMPATIENT = { NODE_OPTIONS: `--import ${new URL('impatient.js', import.meta.url).href}` }
/** For a program whose clock is CLOCK_AHEAD_MS ahead of the machine's. */
export const SHIFTED_CLOCK = { NODE_OPTIONS: `--import ${new URL('shifted-clock.js', import.meta.url).href}` }
