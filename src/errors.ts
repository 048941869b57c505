/**
 * What the reader of an error should do. Every error the program expects is one of these: its message is
 * one line that names what is wrong, where, and the remedy, and holds no secret.
 */
export abstract class CdrError extends Error {
  /** The process's exit code when this error ends a command. */
  readonly exitCode: number = 1
  override get name(): string {
    return this.constructor.name
  }
}

/** A flag or an argument is wrong: type the command again. */
export class UsageError extends CdrError {
  override readonly exitCode = 2
}

/** A file that was given is not what it should be, or is damaged: get it again. */
export class FileError extends CdrError {}

/** A setting is missing or malformed, or the database is not prepared: fix it and run again. */
export class ConfigurationError extends CdrError {}

/** This machine's time cannot be right, as far as anybody tells: nothing is planned or remembered by it. */
export class WrongClockError extends ConfigurationError {}

/** The service does not accept the credentials or the token: authorise again. */
export class AuthenticationError extends CdrError {}

/** The service does not let this token read a source: a scope, a role or a licence is missing. */
export class ForbiddenError extends AuthenticationError {}

/** The service or the network failed, retries included: the next run tries again. */
export class TemporaryError extends CdrError {
  /** @param status the last answer's, where there was one */
  constructor(
    message: string,
    readonly status?: number
  ) {
    super(message)
  }
}

/** The service answered what this program does not expect: somebody has to look. */
export class FatalError extends CdrError {}

/** The host does not have a source under the URL that is set. */
export class NotServedError extends FatalError {}

/** Another process has taken the lease; this run stops and stores nothing more. */
export class LeaseLostError extends CdrError {}

export const SIGNAL_EXIT_CODES = { SIGINT: 130, SIGTERM: 143 } as const

/** Somebody ended the command by a signal. */
export class StoppedError extends CdrError {
  override readonly exitCode: number

  constructor(signal: keyof typeof SIGNAL_EXIT_CODES) {
    super(`stopped by ${signal}; stored data is kept, and the next run continues from there`)
    this.exitCode = SIGNAL_EXIT_CODES[signal]
  }
}

/** Whether a source cannot be had, in contrast to one that has failed. */
export function isRefusal(error: unknown): error is ForbiddenError | NotServedError {
  return error instanceof ForbiddenError || error instanceof NotServedError
}

/** The message of anything thrown, on one line. */
export function messageOf(error: unknown): string {
  const text = error instanceof Error ? error.message || error.name : String(error)
  return text.replace(/\s+/g, ' ').trim()
}
