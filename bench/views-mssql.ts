import { createBenchDatabase } from './mssql-database.js'
import { print } from './print.js'
import { benchViews } from './views.js'

const url = process.env.TEST_MSSQL_URL

if (url) {
  print('The last 30 days of each view, on SQL Server (median of 3 rounds)')
  const { dataSource, drop } = await createBenchDatabase(url)
  try {
    await benchViews(dataSource)
  } finally {
    await drop()
  }
} else {
  print('The views on SQL Server: skipped, as TEST_MSSQL_URL is not set')
}
