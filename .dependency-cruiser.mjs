/**
 * The rooms of src/, from top to bottom: each may import those of the lines below its own, and the files beside the
 * rooms (errors, log, …). Types and dynamic imports count. test/layout.test.ts holds it.
 */
const LAYERS = [
  ['cli.ts'],
  ['commands/'],
  ['setup/', 'schedule/', 'simulator/'],
  ['doctor/', 'html-report/', 'trace/'],
  ['sync/', 'report/', 'retention/', 'export/'],
  ['store/'],
  ['calls/'],
  ['history/'],
  ['coverage/', 'record/'],
  ['webex/', 'database/'],
  ['config/', 'migrations/'],
  ['entities/', 'credentials/']
]

/** What a room may not import though it is below it. */
const APART = {
  // Pure: legs in, calls out.
  'calls/': ['coverage/', 'webex/', 'database/', 'config/', 'credentials/'],
  // Files in, items out.
  'history/': ['coverage/', 'webex/', 'database/', 'config/', 'credentials/'],
  // Pure: an item in, a row out.
  'record/': ['webex/', 'database/', 'config/', 'credentials/'],
  'webex/': ['entities/', 'migrations/'],
  // Shares nothing with the client, so that a mistake in one shows in the other.
  'simulator/': [''],
  // Frozen, while the program goes on.
  'migrations/': ['']
}

/** Who may import a package, and nobody else. */
const PACKAGES = {
  '@observablehq/plot': ['html-report/charts/'],
  '@clack/prompts': ['setup/questions.ts'],
  axios: ['webex/http.ts', 'webex/attempt.ts', 'webex/receive.ts', 'webex/response.ts'],
  'axios-retry': ['webex/http.ts'],
  'better-sqlite3': [
    'database/sqlite-driver.ts',
    'database/sqlite-source.ts',
    'export/rows.ts',
    'store/call-tables-sqlite.ts',
    'store/loader-sqlite.ts'
  ],
  'csv-stringify': ['export/csv.ts'],
  'hyparquet-writer': ['export/parquet.ts'],
  mssql: [
    'database/migration-lock.ts',
    'database/mssql-bulk.ts',
    'database/mssql-options.ts',
    'store/bulk-columns.ts'
  ],
  papaparse: ['history/csv.ts'],
  pino: ['log.ts'],
  'pino-pretty': ['log.ts'],
  typeorm: [
    'commands/',
    'coverage/',
    'database/',
    'doctor/',
    'entities/',
    'export/',
    'html-report/',
    'migrations/',
    'report/',
    'retention/',
    'store/',
    'sync/',
    'trace/'
  ],
  yauzl: ['history/zip.ts']
}

const under = (places) => `^src/(${places.join('|')})`
const BESIDE_THE_ROOMS = '^src/[^/]+[.]ts$'

/** @type {import('dependency-cruiser').IConfiguration} */
export default {
  forbidden: [
    { name: 'no-circle', from: {}, to: { circular: true } },
    {
      name: 'room-without-layer',
      from: { path: '^src/', pathNot: [under(LAYERS.flat()), BESIDE_THE_ROOMS] },
      to: {}
    },
    ...LAYERS.map((line, depth) => ({
      name: 'imports-point-down',
      from: { path: under(line) },
      to: { path: under(LAYERS.slice(0, depth + 1).flat()), pathNot: '^src/$1' }
    })),
    {
      name: 'imports-point-down',
      from: { path: BESIDE_THE_ROOMS, pathNot: under(['cli.ts']) },
      to: { path: under(LAYERS.flat()) }
    },
    ...Object.entries(APART).map(([room, others]) => ({
      name: `${room.slice(0, -1)}-apart`,
      from: { path: under([room]) },
      to: { path: under(others), pathNot: under([room]) }
    })),
    ...Object.entries(PACKAGES).map(([name, places]) => ({
      name: `${name}-in-few-places`,
      from: { path: '^src/', pathNot: under(places) },
      to: { path: `^node_modules/${name}/` }
    }))
  ].map((rule) => ({ severity: 'error', ...rule })),
  options: {
    // TypeScript 7 has no parser for other programs.
    parser: 'swc',
    tsPreCompilationDeps: true,
    doNotFollow: { path: '^node_modules/' },
    enhancedResolveOptions: { conditionNames: ['import', 'node', 'default'], exportsFields: ['exports'] }
  }
}
