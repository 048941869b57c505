import * as prompts from '@clack/prompts'
import { CancelledError } from './tools.js'

/** @throws CancelledError, as all of these */
export async function confirm(message: string, initialValue: boolean): Promise<boolean> {
  return answered(await prompts.confirm({ message, initialValue }))
}

export interface Option<T extends string> {
  value: T
  label: string
  hint?: string
}

export async function select<T extends string>(
  message: string,
  options: Option<T>[],
  earlier: string | undefined
): Promise<T> {
  const initialValue = options.find(({ value }) => value === earlier)?.value
  return answered(await prompts.select<string>({ message, options, initialValue })) as T
}

/** @param present what nothing typed stands for */
export async function text(
  message: string,
  present?: string,
  fault?: (value: string) => string | undefined
): Promise<string> {
  const options = {
    message,
    ...(present ? { placeholder: present, defaultValue: present } : {}),
    validate(typed: string | undefined) {
      const value = typed?.trim() || present
      return value ? fault?.(value) : 'Required.'
    }
  }
  return answered(await prompts.text(options)).trim()
}

/**
 * Nothing typed leaves what was answered earlier, else what is stored, and is undefined then.
 * @param isStored there is one that may stay
 */
export async function secret(
  message: string,
  isStored: boolean,
  earlier: string | undefined
): Promise<string | undefined> {
  const present = earlier === undefined ? isStored && 'the stored one' : 'your last answer'
  const value = answered(
    await prompts.password({
      message: present ? `${message} (empty: keep ${present})` : message,
      validate: (typed) => (typed?.trim() || present ? undefined : 'Required.')
    })
  )
  return value?.trim() ? value : earlier
}

function answered<T>(answer: T): Exclude<T, symbol> {
  if (prompts.isCancel(answer)) throw new CancelledError('SIGINT')
  return answer as Exclude<T, symbol>
}
