/** For a program whose long time limits a test waits for. */
export const HURRIED = { NODE_OPTIONS: `--import ${new URL('hurry.js', import.meta.url).href}` }
