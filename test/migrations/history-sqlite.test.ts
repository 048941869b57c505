import Database from 'better-sqlite3'
import { describe } from 'vitest'
import { historyCases } from './history-cases.js'
import { newFile } from './support.js'

describe('the history of migrations in a SQLite file', () => {
  historyCases('sqlite', async () => {
    const path = newFile()
    return {
      settings: { type: 'sqlite', path },
      async query(sql) {
        const file = new Database(path)
        try {
          const statement = file.prepare<[], Record<string, unknown>>(sql)
          if (statement.reader) return statement.all()
          statement.run()
          return []
        } finally {
          file.close()
        }
      }
    }
  })
})
