import { describe } from 'vitest'
import { mssqlUrl, onSqlServer } from '../support/mssql.js'
import { historyCases } from './history-cases.js'
import { newDatabase } from './mssql-support.js'

describe.skipIf(!mssqlUrl)(`the history of migrations ${onSqlServer}`, { timeout: 60_000 }, () => {
  historyCases('mssql', newDatabase)
})
