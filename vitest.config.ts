import { readFileSync, statfsSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { defineConfig } from 'vitest/config'

const { TEST_MSSQL_URL } = process.env

/** Each changes what there is once in a process: its dialect, its D-Bus, or a module. */
const ON_THEIR_OWN = 'test/{credentials/keyring-{absent,hangs,store},migrations/lock-lost}.test.ts'
/** These choose the dialect of SQL Server, which a process keeps. */
const OF_SQL_SERVER = 'test/{database/*,docs/{bi,dba*},migrations/{*mssql*,lock,script,two-paths}}.test.ts'
/** These run again where the clock is not UTC and jumps twice a year. */
const TOUCHING_TIMES = [
  'test/sync/late.test.ts',
  'test/coverage/plan.test.ts',
  'test/record/record.test.ts',
  'test/config/moments.test.ts',
  'test/simulator/report-csv.test.ts',
  'test/history/time-zone.test.ts'
]

interface Files {
  include: string[]
  exclude?: string[]
  isolate?: boolean
}

export default defineConfig(({ mode }) => {
  // What proves endurance: `npm run test:long` runs just that, with other numbers (test/support/long.ts).
  const isLong = mode === 'long'
  const project = (name: string, files: Files, env: NodeJS.ProcessEnv) => ({
    test: {
      ...files,
      name,
      env: { ...env, ...(isLong ? { TEST_LONG: '1' } : { TMPDIR: temporaryFolder() }) },
      setupFiles: ['test/setup.ts'],
      testTimeout: 30_000,
      hookTimeout: 30_000
    }
  })
  const onTheirOwn = project('UTC', { include: [ON_THEIR_OWN] }, { TZ: 'UTC' })
  const ofSqlServer = project('UTC, SQL Server', { include: [OF_SQL_SERVER], isolate: false }, { TZ: 'UTC' })
  // What leaves nothing behind needs no process of its own.
  const sharing = project(
    'UTC, processes shared',
    {
      ...(isLong
        ? {
            include: [
              'test/credentials/file-store-killed.test.ts',
              'test/commands/killed.test.ts',
              'test/calls/truth.test.ts',
              'test/coverage/grid.test.ts',
              'test/record/raw-json.test.ts',
              'test/sync/{clock,sequences,ten-thousand}.test.ts',
              'test/{config,history,record,webex}/fuzz.test.ts'
            ]
          }
        : {
            include: ['test/**/*.test.ts'],
            exclude: [
              ON_THEIR_OWN,
              OF_SQL_SERVER,
              'test/{contract,adoption}/**',
              'test/campaign/{campaign,history,retain}.test.ts',
              'test/sync/ten-thousand.test.ts'
            ]
          }),
      isolate: false
    },
    { TZ: 'UTC' }
  )
  // What every database must hold to, in New York; a process has one dialect.
  const ofEach = ['sqlite', 'mssql'].map((dialect) =>
    project(
      `Contract ${dialect}`,
      {
        include: isLong
          ? ['test/adoption/large.test.ts', 'test/campaign/{campaign,history,retain}.test.ts']
          : dialect === 'mssql' && !TEST_MSSQL_URL
            ? ['test/contract/no-server.test.ts']
            : [
                'test/{contract,adoption}/**/*.test.ts',
                'test/campaign/campaign.test.ts',
                ...(dialect === 'sqlite' ? TOUCHING_TIMES : [])
              ],
        isolate: false
      },
      { TZ: 'America/New_York', TEST_DIALECT: dialect }
    )
  )
  // The contract once more where the DBA has triggers on all tables: what they do, SQL Server counts and returns.
  const withTriggers = project(
    'Contract mssql with triggers',
    { include: ['test/contract/**/*.test.ts'], exclude: ['test/contract/triggers.test.ts'], isolate: false },
    { TZ: 'UTC', TEST_DIALECT: 'mssql', TEST_TRIGGERS: 'all' }
  )
  return {
    test: {
      // There is always one that just waits.
      maxWorkers: availableParallelism() + 1,
      projects: [
        ...ofEach,
        sharing,
        ...(isLong ? [] : [onTheirOwn, ofSqlServer]),
        ...(isLong || !TEST_MSSQL_URL ? [] : [withTriggers])
      ]
    }
  }
})

/** In memory where that has room and programs may lie: each page that a test stores is written through to the disk. */
function temporaryFolder(): string {
  const memory = '/dev/shm'
  try {
    const { bavail, bsize } = statfsSync(memory)
    const mayHavePrograms = !/ \/dev\/shm \S+ \S*noexec/.test(readFileSync('/proc/mounts', 'utf8'))
    return mayHavePrograms && bavail * bsize > 2 ** 31 ? memory : tmpdir()
  } catch {
    return tmpdir()
  }
}
