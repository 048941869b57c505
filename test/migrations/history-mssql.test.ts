import { describe } from 'vitest'
import { mssqlUrl, onSqlServer } from '../support/mssql.js'
import { historyCases } from './history-cases.js'
import { newDatabase, PATIENCE } from './mssql-support.js'

describe.skipIf(!mssqlUrl)(`the history of migrations ${onSqlServer}`, { timeout: PATIENCE }, () => {
  historyCases('mssql', newDatabase)
})
