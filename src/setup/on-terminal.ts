import { UntrustedServerError } from '../database/connect-failure.js'
import { AuthenticationError, CdrError } from '../errors.js'
import { sayFailure } from '../failure.js'
import { UntrustedAuthorityError } from '../webex/network-failure.js'
import { askTrust } from './ask-database.js'
import type { Present } from './choices.js'
import { ask, askAuthority } from './dialogue.js'
import type { SetupFlags } from './flags.js'
import { confirm } from './questions.js'
import { CancelledError } from './tools.js'

/** Asks, and where an answer does not work, asks again: nobody types all of it twice for one slip. */
export async function untilItWorks<T>(
  given: SetupFlags,
  present: Present,
  attempt: (flags: SetupFlags) => Promise<T>
): Promise<T> {
  let flags = await ask(given, present)
  for (;;) {
    try {
      return await attempt(flags)
    } catch (error) {
      flags = await otherAnswers(error, flags, given, present)
    }
  }
}

/** Ctrl-C says no to the tables, and not to what is stored by then. */
export async function wantsTables(usual: boolean): Promise<boolean> {
  try {
    return await confirm('Create the tables now?', usual)
  } catch (error) {
    if (error instanceof CancelledError) return false
    throw error
  }
}

/** @throws the error where no answer can mend it, CancelledError where none is given */
async function otherAnswers(
  error: unknown,
  flags: SetupFlags,
  given: SetupFlags,
  present: Present
): Promise<SetupFlags> {
  if (!(error instanceof CdrError) || error instanceof CancelledError) throw error
  const isAnswered = Object.entries(flags).some(([name, value]) => value !== given[name as keyof SetupFlags])
  const isTrust = error instanceof UntrustedServerError && !given.check
  const isInspected = error instanceof UntrustedAuthorityError && !given.check
  if (!isAnswered && !isTrust && !isInspected) throw error
  sayFailure(error)
  const sqlOptions = isTrust ? await askTrust() : undefined
  if (sqlOptions) return { ...flags, sqlOptions }
  const caFile = isInspected ? await askAuthority() : undefined
  if (caFile) return { ...flags, caFile }
  if (isAnswered && (await confirm('Nothing was saved. Review your answers?', true))) {
    // What is stored does not work: to keep it is not the first choice any more.
    const isRefused = error instanceof AuthenticationError && !flags.grant
    return ask(given, present, isRefused ? { ...flags, grant: 'refresh-token' } : flags)
  }
  throw new CancelledError()
}
