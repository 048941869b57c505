import type { Context } from './context.js'

/** The context of a command, without what it loads before it is needed. */
export async function openContext(): Promise<Context> {
  return (await import('./context.js')).createContext()
}

/** The same for a command that needs the database. */
export async function openDatabaseContext(): Promise<Context> {
  return (await import('./context.js')).createDatabaseContext()
}
