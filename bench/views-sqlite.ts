import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseDatabaseUrl } from '../src/config/database-url.js'
import { connect } from '../src/database/data-source.js'
import { migrate } from '../src/database/migrator.js'
import { print } from './print.js'
import { benchViews } from './views.js'

const folder = mkdtempSync(join(tmpdir(), 'webex-cdr-bench-'))
const settings = parseDatabaseUrl(`sqlite:${join(folder, 'calls.db')}`)

try {
  print('The last 30 days of each view, on SQLite (median of 3 rounds)')
  await migrate(settings, () => {})
  const dataSource = await connect(settings)
  await benchViews(dataSource)
  await dataSource.destroy()
} finally {
  rmSync(folder, { recursive: true })
}
