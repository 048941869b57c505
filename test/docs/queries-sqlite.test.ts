import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { beforeAll, describe, expect, test } from 'vitest'
import { cli } from '../support/cli.js'
import { blocks, section } from './dba-page.js'

/** What SQLite does not have. */
const T_SQL = /\b(TOP|DATEADD|DATEDIFF|SYSUTCDATETIME|DECLARE|AS date)\b|N'|\bsys\./
const ofQueries = blocks
  .filter(({ sql }) => section('## Queries').includes(sql))
  .map(({ name, sql }) => ({ name, sql: sql.replaceAll('dbo.', '') }))
const neutral = ofQueries.filter(({ sql }) => !T_SQL.test(sql))

describe('the queries of docs/DBA.md that are plain SQL, on SQLite', () => {
  let folder: string
  const file = () => join(folder, 'webex-cdr.db')

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'webex-cdr-queries-'))
    const migrated = await cli(['migrate'], {}, folder)
    expect(migrated.code, migrated.stderr).toBe(0)
    return () => rmSync(folder, { recursive: true })
  })

  test('are half of them', () => {
    expect(neutral.length).toBeGreaterThanOrEqual(ofQueries.length / 2)
  })

  test.each(neutral.map(({ name, sql }) => [name, sql]))('%s', (_, sql) => {
    const database = new Database(file(), { readonly: true })
    try {
      expect(database.prepare(sql).all()).toBeInstanceOf(Array)
    } finally {
      database.close()
    }
  })
})
