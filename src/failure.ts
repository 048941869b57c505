import { CdrError, messageOf } from './errors.js'

/**
 * Tells what ended the command, in one line on standard error; its stack only at debug level.
 * @returns the exit code
 */
export function sayFailure(error: unknown): number {
  process.stderr.write(`webex-cdr: ${messageOf(error)}\n`)
  if (/^(debug|trace)$/.test(process.env.LOG_LEVEL ?? '') && error instanceof Error) {
    process.stderr.write(`${error.stack}\n`)
  }
  return error instanceof CdrError ? error.exitCode : 1
}
