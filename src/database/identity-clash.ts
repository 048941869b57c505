import type { DataSource } from 'typeorm'
import { ConfigurationError, messageOf } from '../errors.js'
import { isDuplicateKey } from './error-kinds.js'

/** The primary keys that the server numbers itself: those of the Python tool's tables have names of their own. */
const NUMBERED = `
  SELECT t.name AS "table", k.name AS "key"
  FROM sys.key_constraints AS k
  JOIN sys.tables AS t ON t.object_id = k.parent_object_id
  WHERE k.type = 'PK' AND t.schema_id = SCHEMA_ID(N'dbo') AND t.name LIKE N'cdr[_]%'
    AND EXISTS (SELECT 1 FROM sys.identity_columns AS c WHERE c.object_id = t.object_id)
`

/**
 * Tells of a table whose IDENTITY gives numbers that are taken, where that is what an error means: no attempt mends it,
 * unlike a clash with another writer. Which key clashed, the message says in every language.
 */
export async function identityClash(
  dataSource: DataSource,
  error: unknown
): Promise<ConfigurationError | undefined> {
  if (!isDuplicateKey(error)) return undefined
  const keys = await dataSource.query<{ table: string; key: string }[]>(NUMBERED)
  const clashed = keys.find(({ key }) => names(messageOf(error), key))
  if (!clashed) return undefined
  return new ConfigurationError(
    `dbo.${clashed.table} generates ids that already exist (${clashed.key}): its IDENTITY was set back, for example by a RESEED; the DBA must run DBCC CHECKIDENT ('dbo.${clashed.table}', RESEED), which sets it to the largest existing id`
  )
}

function names(message: string, key: string): boolean {
  const words = message.toLowerCase().split(/[^\p{L}\p{N}_$#@]+/u)
  return words.includes(key.toLowerCase())
}
