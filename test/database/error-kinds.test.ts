import { QueryFailedError } from 'typeorm'
import { describe, expect, test } from 'vitest'
import type { DatabaseSettings } from '../../src/config/database-url.js'
import { parseDatabaseUrl } from '../../src/config/database-url.js'
import { databaseError } from '../../src/database/database-error.js'
import { isDuplicateKey, isRefusal, isTransient } from '../../src/database/error-kinds.js'
import { ConfigurationError, LeaseLostError, TemporaryError } from '../../src/errors.js'

/** As TypeORM wraps what node-mssql made of what tedious was told. */
function ofServer(number: number): QueryFailedError {
  const told = Object.assign(new Error('told'), { info: { number, message: 'told' } })
  const request = Object.assign(new Error('told'), {
    name: 'RequestError',
    code: 'EREQUEST',
    number,
    originalError: told
  })
  return new QueryFailedError('SELECT 1', [], request)
}

const coded = (code: string) => Object.assign(new Error(code), { code })

describe('an error of SQL Server', () => {
  test.each([1205, 1222, 3960, 4060, 40197, 40501, 40613, 49918, 596, 6005])(
    '%i: the transaction may be tried again',
    (number) => {
      expect(isTransient(ofServer(number))).toBe(true)
      expect(isRefusal(ofServer(number))).toBe(false)
    }
  )

  test.each([515, 547, 2628, 8152, 8115, 241, 511, 2601, 2627, 3609, 50_000, 51_234])(
    '%i: the row is refused',
    (number) => {
      expect(isRefusal(ofServer(number))).toBe(true)
      expect(isTransient(ofServer(number))).toBe(false)
    }
  )

  test.each([208, 229, 102, 9002, 1105, 8645, 3906, 18456])('%i: no row is to blame', (number) => {
    expect(isRefusal(ofServer(number))).toBe(false)
  })

  test('a key that is there is told from other refusals', () => {
    expect([2601, 2627, 547, 1205].map((number) => isDuplicateKey(ofServer(number)))).toEqual([
      true,
      true,
      false,
      false
    ])
  })
})

test.each(['ESOCKET', 'ECONNCLOSED', 'ETIMEOUT', 'ECONNRESET'])('%s: the connection is gone', (code) => {
  expect(isTransient(coded(code))).toBe(true)
  expect(isTransient(new QueryFailedError('SELECT 1', [], coded(code)))).toBe(true)
})

test('a server that hangs up in the middle of an answer gives no code', () => {
  const told = new Error('unexpected end of message stream')
  expect(isTransient(Object.assign(new Error('x'), { code: 'EREQUEST', originalError: told }))).toBe(true)
})

test('SQLite tells a refused row from trouble of its own', () => {
  expect(isRefusal(coded('SQLITE_CONSTRAINT_TRIGGER'))).toBe(true)
  expect(isRefusal(coded('SQLITE_TOOBIG'))).toBe(true)
  expect(['SQLITE_FULL', 'SQLITE_BUSY', 'SQLITE_IOERR_WRITE'].some((code) => isRefusal(coded(code)))).toBe(
    false
  )
  expect(isTransient(coded('SQLITE_BUSY'))).toBe(false)
})

test('an error that causes itself is looked at once', () => {
  const error: Error & { cause?: unknown } = new Error('x')
  error.cause = error
  expect(isTransient(error)).toBe(false)
})

describe('told to the user', () => {
  const settings: DatabaseSettings = parseDatabaseUrl('mssql://u:p@h/calls')

  test.each([
    [229, ConfigurationError, /this login lacks a permission: docs\/DBA\.md has the script/],
    [9002, ConfigurationError, /the transaction log is full/],
    [1105, ConfigurationError, /the database is full/],
    [3906, ConfigurationError, /read-only, or a secondary replica/],
    [1205, TemporaryError, /the next run continues from here/],
    [102, TemporaryError, /nothing of the current page was stored/]
  ])('%i in one line that names the database and the remedy', (number, kind, message) => {
    const told = databaseError(settings, ofServer(number)) as Error
    expect(told).toBeInstanceOf(kind)
    expect(told.message).toMatch(/^SQL Server database calls on h:1433: told; /)
    expect(told.message).toMatch(message)
  })

  test('what is no error of a driver stays as it is', () => {
    for (const error of [new LeaseLostError('gone'), new TypeError('bug'), 'text', undefined]) {
      expect(databaseError(settings, error)).toBe(error)
    }
  })
})
