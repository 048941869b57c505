import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

/** `npm run bench` runs both, `npm run bench -- mssql` one: each in a process of its own, as it has one dialect. */
const chosen = process.argv.slice(2)

for (const dialect of chosen.length > 0 ? chosen : ['sqlite', 'mssql', 'views-sqlite', 'views-mssql']) {
  const script = fileURLToPath(new URL(`./${dialect}.js`, import.meta.url))
  const { status } = spawnSync(process.execPath, [script], { stdio: 'inherit' })
  if (status !== 0) process.exit(status ?? 1)
}
