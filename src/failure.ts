import { CdrError, messageOf } from './errors.js'

/**
 * Tells what ended the command, in one line on standard error; its stack only at debug level.
 * @returns the exit code
 */
export function sayFailure(error: unknown): number {
  const usage = error instanceof Error && error.name === 'CACError'
  process.stderr.write(`webex-cdr: ${messageOf(error)}\n`)
  if (/^(debug|trace)$/.test(process.env.LOG_LEVEL ?? '') && error instanceof Error) {
    process.stderr.write(`${error.stack}\n`)
  }
  if (usage) return 2
  return error instanceof CdrError ? error.exitCode : 1
}
