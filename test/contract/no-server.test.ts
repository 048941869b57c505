import { expect, test } from 'vitest'
import { contractOf, dialect } from '../support/contract.js'

/** Stands for the whole contract where there is no SQL Server: vitest.config.ts leaves out the rest of it there. */
contractOf('mssql', 'the contract, and the adoption of a database of the Python tool', () => {
  test('are run', () => expect(dialect).toBe('mssql'))
})
