import type { DataSource } from 'typeorm'
import type { Dialect } from '../entities/dialect.js'
import { listMigrations } from './migration-list.js'
import type { Drift } from './schema-drift.js'

/** Holds the views against those that the migrations make. Reads only. */
export async function viewDrift(dataSource: DataSource): Promise<Drift[]> {
  const dialect = dataSource.options.type === 'mssql' ? 'mssql' : 'sqlite'
  const expected = await viewsOf(dialect)
  const rows: { name: string; definition: string | null }[] = await dataSource.query(CATALOG[dialect])
  const actual = new Map(rows.map(({ name, definition }) => [name.toLowerCase(), definition]))
  return [...expected].flatMap(([name, definition]) => {
    const found = actual.get(name)
    if (found === undefined) return [differs(`${name}: the view is missing`)]
    // NULL without the right to see definitions.
    if (found === null || essence(found) === essence(definition)) return []
    return [differs(`${name}: the view is defined otherwise in the database than in this program`)]
  })
}

/** Views and their text as it was given. */
const CATALOG: Record<Dialect, string> = {
  mssql: `SELECT name, OBJECT_DEFINITION(object_id) AS definition FROM sys.views WHERE schema_id = SCHEMA_ID(N'dbo')`,
  sqlite: `SELECT name, sql AS definition FROM sqlite_master WHERE type = 'view'`
}

/** The views that are there after all migrations, by name: the statement that makes each. */
export async function viewsOf(dialect: Dialect): Promise<Map<string, string>> {
  const views = new Map<string, string>()
  for (const { statements } of await listMigrations(dialect)) {
    for (const statement of statements) {
      for (const [, name = ''] of statement.matchAll(/^\s*DROP VIEW (?:dbo\.)?(\w+)/gm)) views.delete(name)
      const [, made] = /^\s*CREATE VIEW (?:dbo\.)?(\w+)/.exec(statement) ?? []
      if (made) views.set(made, statement)
    }
  }
  return views
}

/** A tool that a script is pasted into may change blanks and line ends, and what is around the statement. */
function essence(definition: string): string {
  return definition
    .replace(/\s+/g, ' ')
    .replace(/;? $|;$/, '')
    .trim()
}

function differs(text: string): Drift {
  return { text, harmless: false }
}
