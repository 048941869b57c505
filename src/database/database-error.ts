import { QueryFailedError } from 'typeorm'
import type { DatabaseSettings } from '../config/database-url.js'
import { CdrError, ConfigurationError, messageOf, TemporaryError } from '../errors.js'
import { codeOf, isTransient, numberOf } from './error-kinds.js'
import { sayDatabase } from './say-database.js'
import { accessRefusal, isRefusedAccess } from './sqlite-access.js'

const REMEDIES: [numbers: number[], remedy: string][] = [
  [
    [229, 230, 262, 297, 300, 1088, 3701],
    'this login lacks a right: docs/DBA.md has the script with the rights that migrate and sync need'
  ],
  [
    [9002],
    'the transaction log is full: the DBA has to back it up or give it room; the next run goes on from here'
  ],
  [[1101, 1105, 3257], 'the database is full: the DBA has to give it room; the next run goes on from here'],
  [[3906], 'it is read-only, or a secondary replica: let DATABASE_URL name the primary or the listener'],
  [[208, 207], 'a table or column is missing: `npm run migrate -- --check` tells what differs']
]

/** An error of the driver as one that names the database and the remedy; any other error as it is. */
export function databaseError(settings: DatabaseSettings, error: unknown): unknown {
  if (error instanceof CdrError) return error
  const code = codeOf(error)
  const number = numberOf(error)
  const ofDriver =
    error instanceof QueryFailedError ||
    code.startsWith('SQLITE_') ||
    number !== undefined ||
    /^(Connection|Request|Transaction)Error$/.test((error as Error | undefined)?.name ?? '')
  if (!ofDriver) return error
  // TypeORM puts the name of the driver's class before its message.
  const message = messageOf(error instanceof QueryFailedError ? error.driverError : error)
  const text = `${sayDatabase(settings)}: ${message}`
  const known = REMEDIES.find(([numbers]) => numbers.includes(number ?? 0))
  if (known) return new ConfigurationError(`${text}; ${known[1]}`)
  const refusal = isRefusedAccess(code) && accessRefusal(settings)
  if (refusal) return refusal
  if (isTransient(error)) return new TemporaryError(`${text}; the next run goes on from here`)
  const remedy = /^SQLITE_(BUSY|LOCKED)/.test(code)
    ? 'another process holds it; the next run tries again'
    : /^SQLITE_(FULL|IOERR|PROTOCOL)/.test(code)
      ? 'see that the disk has room, is sound and is no network share; the next run goes on from here'
      : 'nothing of the page at hand was stored'
  return new TemporaryError(`${text}; ${remedy}`)
}
