import { messageOf } from '../errors.js'

export interface Check {
  name: string
  status: 'ok' | 'warning' | 'failure'
  /** One line; with a warning or a failure, also the remedy. */
  message: string
}

export type Finding = Omit<Check, 'name'>

export const ok = (message: string): Finding => ({ status: 'ok', message })
export const warning = (message: string): Finding => ({ status: 'warning', message })
export const failure = (message: string): Finding => ({ status: 'failure', message })

/** What the look at one thing finds; an error is a failure that names the remedy by itself. */
export async function check(name: string, look: () => Finding | Promise<Finding>): Promise<Check> {
  try {
    return { name, ...(await look()) }
  } catch (error) {
    return { name, ...failure(messageOf(error)) }
  }
}
