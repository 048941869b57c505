/**
 * Errors of the drivers by what they mean for the work at hand. TypeORM and node-mssql wrap what they were told,
 * so each question is asked of an error and of all that caused it.
 */
interface DriverError {
  code?: unknown
  /** SQL Server's, where node-mssql knows it. */
  number?: unknown
  driverError?: unknown
  originalError?: unknown
  cause?: unknown
  /** Of an AggregateError: one for each address of a host. */
  errors?: unknown[]
  /** SQL Server's, as tedious tells it. */
  info?: { number?: unknown }
}

function chainOf(error: unknown): DriverError[] {
  const chain: DriverError[] = []
  let next = error
  while (typeof next === 'object' && next !== null && !chain.includes(next)) {
    chain.push(next)
    const { driverError, originalError, cause, errors } = next as DriverError
    next = driverError ?? originalError ?? cause ?? errors?.[0]
  }
  return chain
}

/** SQLITE_BUSY, ESOCKET, ELOGIN …; "" where there is none. */
export function codeOf(error: unknown): string {
  const coded = chainOf(error).find(({ code }) => typeof code === 'string' && code !== 'EREQUEST')
  return typeof coded?.code === 'string' ? coded.code : ''
}

/** Whether the error, or one that caused it, has one of these codes. */
export function hasCode(error: unknown, codes: readonly string[]): boolean {
  return chainOf(error).some(({ code }) => codes.includes(String(code)))
}

/** SQL Server's error number; undefined where there is none. */
export function numberOf(error: unknown): number | undefined {
  for (const { number, info } of chainOf(error)) {
    const found = number ?? info?.number
    if (typeof found === 'number') return found
  }
  return undefined
}

/** This program's own: another process has the lock under which calls are made. */
export const CALLS_LOCKED = 51_904

/**
 * Of SQL Server and Azure SQL: deadlock, lock timeout, conflicting snapshots, no memory at the moment, a database
 * that is being moved, resumed, throttled or recovered, a session that was ended. From Microsoft's list of
 * transient errors and the retry strategy of EF Core.
 */
const TRANSIENT_NUMBERS = [
  596,
  615,
  921,
  1204,
  1205,
  1222,
  3960,
  3966,
  4060,
  4221,
  6005,
  8645,
  8651,
  10928,
  10929,
  10936,
  40143,
  40197,
  40501,
  40540,
  40613,
  49918,
  49919,
  49920,
  CALLS_LOCKED
]

/** Of node-mssql and tedious: the connection is gone, a time limit was reached, or no connection was to be had. */
const TRANSIENT_CODES = ['ESOCKET', 'ECONNCLOSED', 'ETIMEOUT', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT']

/** Of tedious, when the server closes the connection in the middle of an answer: it has no code. */
const CLOSED = 'unexpected end of message stream'

/** The transaction may be tried again as it is. */
export function isTransient(error: unknown): boolean {
  return (
    TRANSIENT_NUMBERS.includes(numberOf(error) ?? 0) ||
    hasCode(error, TRANSIENT_CODES) ||
    chainOf(error).some(
      (link) =>
        // Of the pool, which waited for a connection in vain.
        link.constructor.name === 'TimeoutError' || (link as Error).message === CLOSED
    )
  )
}

/** The key is there already: another writer was between our look and our insert. */
export function isDuplicateKey(error: unknown): boolean {
  return [2601, 2627].includes(numberOf(error) ?? 0)
}

/**
 * Of SQL Server: the values of a row are what is wrong. NULL or text too long for a column that somebody changed, a
 * constraint, index or trigger that somebody added, a value that is none of its type, a row over 8,060 bytes.
 */
const REFUSALS = [
  220, 241, 242, 245, 248, 295, 511, 515, 547, 1946, 2601, 2627, 2628, 3609, 4815, 4863, 7708, 8016, 8023,
  8114, 8115, 8152, 8169, 9420
]

/** The database does not take a row, and would not take it the next time either. */
export function isRefusal(error: unknown): boolean {
  const number = numberOf(error)
  // From 50000 on: RAISERROR and THROW, in a trigger.
  if (number !== undefined) return REFUSALS.includes(number) || number >= 50_000
  return /^SQLITE_(CONSTRAINT|TOOBIG|MISMATCH)/.test(codeOf(error))
}
