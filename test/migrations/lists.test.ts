import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { MigrationInterface } from 'typeorm'
import { describe, expect, it } from 'vitest'
import { migrations as mssql } from '../../src/migrations/mssql/index.js'
import { migrations as sqlite } from '../../src/migrations/sqlite/index.js'

const lists = { mssql, sqlite }
const folder = join(import.meta.dirname, '../../src/migrations')

describe.each(['mssql', 'sqlite'] as const)('the migrations for %s', (dialect) => {
  const names = lists[dialect].map((migration) => migration.name)
  const files = readdirSync(join(folder, dialect)).filter((file) => file !== 'index.ts')
  const sources = files.map((file) => readFileSync(join(folder, dialect, file), 'utf8'))

  it('have a file each, called by timestamp and name', () => {
    expect(files).toEqual(names.map((name) => `${name.slice(-13)}-${name.slice(0, -13)}.ts`))
  })

  it('have timestamps of 13 digits that grow', () => {
    const timestamps = names.map((name) => name.slice(-13))
    for (const timestamp of timestamps) expect(timestamp).toMatch(/^\d{13}$/)
    expect([...new Set(timestamps)].sort()).toEqual(timestamps)
  })

  it('import types of TypeORM and modules of Node, nothing of this project', () => {
    for (const source of sources) {
      for (const [line, what, from] of source.matchAll(/^import (.*) from '(.*)'$/gm)) {
        const allowed = from === 'typeorm' ? what?.startsWith('type ') : from?.startsWith('node:')
        expect(allowed, line).toBe(true)
      }
      expect(source).not.toMatch(/\b(require|import)\(/)
    }
  })

  it('are irreversible and say why, but for the last six', async () => {
    for (const Migration of lists[dialect].slice(0, -6)) {
      const migration: MigrationInterface = new Migration()
      const name = Migration.name.slice(0, -13)
      await expect(migration.down(null as never)).rejects.toThrow(`${name} is irreversible: `)
    }
  })
})

it('has the same migrations for both databases', () => {
  expect(mssql.map(({ name }) => name)).toEqual(sqlite.map(({ name }) => name))
})

it('fills outside a transaction, and only that', () => {
  for (const Migration of [...mssql, ...sqlite]) {
    const migration: MigrationInterface = new Migration()
    expect(migration.transaction).toBe(Migration.name.startsWith('FillFromRawJson') ? false : undefined)
  }
})
