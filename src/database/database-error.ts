import { QueryFailedError } from 'typeorm'
import type { DatabaseSettings } from '../config/database-url.js'
import { CdrError, ConfigurationError, messageOf, TemporaryError } from '../errors.js'
import { codeOf, isTransient, numberOf } from './error-kinds.js'
import { sayDatabase } from './say-database.js'
import { accessRefusal, isRefusedAccess } from './sqlite-access.js'

const REMEDIES: [numbers: number[], remedy: string][] = [
  [
    [229, 230, 262, 297, 300, 1088, 3701],
    'this login lacks a permission: docs/DBA.md has the script that grants what migrate and sync need'
  ],
  [
    [9002],
    'the transaction log is full: the DBA must back it up or enlarge it; the next run continues from here'
  ],
  [[1101, 1105, 3257], 'the database is full: the DBA must enlarge it; the next run continues from here'],
  [[3906], 'it is read-only, or a secondary replica: set DATABASE_URL to the primary or the listener'],
  [[208, 207], 'a table or column is missing: `npm run migrate -- --check` lists what differs']
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
  if (isTransient(error)) return new TemporaryError(`${text}; the next run continues from here`)
  const remedy = /^SQLITE_(BUSY|LOCKED)/.test(code)
    ? 'another process has locked it; the next run tries again'
    : /^SQLITE_(FULL|IOERR|PROTOCOL)/.test(code)
      ? 'check that the disk has free space, has no errors and is not a network share; the next run continues from here'
      : 'nothing of the current page was stored'
  return new TemporaryError(`${text}; ${remedy}`)
}
