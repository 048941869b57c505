import { DataSource, type QueryRunner } from 'typeorm'
import { beforeAll, describe, expect, it } from 'vitest'
import { ReadableNamingStrategy } from '../../src/database/naming-strategy.js'
import { chooseDialect } from '../../src/entities/dialect.js'
import { migrations } from '../../src/migrations/mssql/index.js'

chooseDialect('mssql')
const entities = await import('../../src/entities/index.js')
const { apiFields } = await import('../../src/entities/columns.js')

/** The statements that a migration would run, without a server. */
async function statementsOf(Migration: (typeof migrations)[number]): Promise<string[]> {
  const statements: string[] = []
  const recorder = { query: async (sql: string) => void statements.push(sql) } as unknown as QueryRunner
  await new Migration().up(recorder)
  return statements
}

class Unconnected extends DataSource {
  async metadata() {
    await this.buildMetadatas()
    return this.entityMetadatas
  }
}

let text: string
let fill: string

beforeAll(async () => {
  const all = await Promise.all(migrations.map(statementsOf))
  text = all.flat().join('\n')
  fill = all[2]!.join('\n')
})

/** “table.column” to its declaration after all migrations, read from the text. */
function declared(): Map<string, string> {
  const columns = new Map<string, string>()
  const note = (table: string, declaration: string) => {
    const [, column, rest = ''] = /^(\w+)\s+(.*)$/s.exec(declaration.trim()) ?? []
    const type = rest
      .replace(/CONSTRAINT \w+|IDENTITY\(1,1\)|PRIMARY KEY|DEFAULT \S+/g, ' ')
      .replace("' + @not_null)", 'NOT NULL')
      .replace(/\s+/g, ' ')
      .trim()
    columns.set(`${table}.${column}`, /NULL$/.test(type) ? type : `${type} NULL`)
  }
  const changes = new RegExp(
    [
      String.raw`CREATE TABLE dbo\.(\w+) \(\n(.*?)\n {6}\);`,
      String.raw`ALTER TABLE dbo\.(\w+) (ADD|ALTER COLUMN|DROP COLUMN)\s+([^;]*);`,
      String.raw`sp_rename N'dbo\.([\w.]+)', +N'(\w+)'`
    ].join('|'),
    'gs'
  )
  for (const [, created, body, altered, action, rest = '', renamed, name] of text.matchAll(changes)) {
    if (created) {
      for (const line of body!.replace(/\n {10}/g, ' ').split(/,?\n/)) {
        if (!line.trim().startsWith('CONSTRAINT')) note(created, line.replace(/,$/, ''))
      }
    } else if (renamed) {
      columns.set(renamed.replace(/\w+$/, name!), columns.get(renamed)!)
      columns.delete(renamed)
    } else if (action === 'DROP COLUMN') columns.delete(`${altered}.${rest}`)
    else if (!rest.trim().startsWith('CONSTRAINT')) {
      for (const declaration of rest.split(/,\n/)) note(altered!, declaration)
    }
  }
  return columns
}

it('gives every column the type that its entity has', async () => {
  const dataSource = new Unconnected({
    type: 'mssql',
    schema: 'dbo',
    entities: Object.values(entities),
    namingStrategy: new ReadableNamingStrategy()
  })
  const { driver } = dataSource
  const expected = new Map<string, string>()
  for (const { tableName, columns } of await dataSource.metadata()) {
    for (const column of columns) {
      const length = column.length && `(${column.length.toLowerCase()})`
      const precision = column.precision == null ? '' : `(${column.precision})`
      const collation = column.collation ? ` COLLATE ${column.collation}` : ''
      const nullable = column.isNullable ? 'NULL' : 'NOT NULL'
      const type = `${driver.normalizeType(column)}${length || precision}${collation} ${nullable}`
      expected.set(`${tableName}.${column.databaseName}`, type)
    }
  }
  expect(Object.fromEntries(declared())).toEqual(Object.fromEntries(expected))
})

it('has every index and constraint of the entities', async () => {
  const dataSource = new Unconnected({ type: 'mssql', schema: 'dbo', entities: Object.values(entities) })
  for (const { tableName, indices, uniques } of await dataSource.metadata()) {
    const columns = (of: { columns: { propertyName: string }[] }) =>
      of.columns.map(({ propertyName }) =>
        propertyName.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
      )
    for (const index of indices) {
      const on = `ON dbo.${tableName} (${columns(index).join(', ')})`
      // Which index is the clustered one, no entity can say.
      const plain = text.replace(/\s+/g, ' ').replaceAll('CREATE CLUSTERED INDEX', 'CREATE INDEX')
      expect(plain).toContain(`CREATE INDEX ${index.name} ${on};`)
    }
    for (const unique of uniques) {
      // In a statement of its own, or with a new table.
      expect(text).toContain(`CONSTRAINT ${unique.name} UNIQUE (${columns(unique).join(', ')})`)
    }
  }
})

describe('the fill', () => {
  const column = (property: string) => property.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)

  it('sets each column that the API feeds, from its key, cut to its length', () => {
    const [, set = '', from = ''] = /UPDATE r SET\n([\s\S]*?)\n {4}FROM ([\s\S]*)/.exec(fill) ?? []
    for (const { key, property, kind, length } of apiFields(entities.CdrRecord)) {
      const name = column(property)
      // What the tool stored in these it stored rightly, and they belong to the old key.
      if (name === 'call_id' || name === 'start_time') continue
      expect(set).toMatch(new RegExp(`^ {6}${name} += `, 'm'))
      if (name === 'user_email' || name === 'location_id') continue
      const value =
        new RegExp(`^ {6}${name} += ([\\s\\S]*?),?\\n(?= {6}\\w| {4}\\))`, 'm').exec(from)?.[1] ?? ''
      expect(value).toContain(`JSON_VALUE(j.doc, '$."${key}"')`)
      if (kind === 'text')
        expect(value).toMatch(new RegExp(`^CONVERT\\(nvarchar\\(${length}\\),\\s[\\s\\S]*\\)$`))
    }
  })

  it('reads each key in all its spellings', async () => {
    const { default: fields } = await import('../fixtures/fields.json', { with: { type: 'json' } })
    for (const { key, docKey = key, csvKey = key } of fields) {
      for (const spelling of [key, docKey, csvKey]) expect(fill).toContain(`'$."${spelling}"'`)
    }
  })

  it('works in ranges small enough not to escalate to a table lock', () => {
    expect(fill).toContain('SELECT TOP (1000) id FROM dbo.cdr_records WHERE id > @after ORDER BY id')
  })
})

it('needs nothing newer than SQL Server 2016, and no MERGE', () => {
  expect(
    text.match(/\b(MERGE (?:INTO|dbo)|OPENJSON|STRING_AGG|CONCAT_WS|TRANSLATE|TRIM|CREATE OR ALTER)\b/i)
  ).toBeNull()
})
