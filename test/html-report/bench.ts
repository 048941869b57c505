import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { DataSource } from 'typeorm'
import { onTestFinished } from 'vitest'
import { parseDatabaseUrl } from '../../src/config/database-url.js'
import { connect } from '../../src/database/data-source.js'
import { cli, type Ended } from '../support/cli.js'
import { addCalls, type GivenCall } from '../support/given-calls.js'
import { migrated } from '../support/migrated.js'

const HOUR = 3_600_000
const DAY = 24 * HOUR

/** Names as nobody should have them. None may become markup, or stretch the page. */
export const HOSTILE = [
  '<img src=x onerror="document.title=1">',
  '"><script>document.title=1</script>',
  '</title></style><style>*{display:none}</style>',
  "' onmouseover='document.title=1' x='",
  'photo\u202Egnp.exe',
  'W'.repeat(256),
  'a&lt;b&amp;c ]]> {{2}}'
]

export interface ReportBench {
  folder: string
  dataSource: DataSource
  run(args: string[]): Promise<Ended>
  /** Runs `report`, whose file is report.html here. */
  report(...args: string[]): Promise<Ended>
  html(): string
}

/** A database of its own that is migrated and empty. */
export async function setUpReport(atEnd: (end: () => Promise<void>) => void = onTestFinished) {
  const folder = mkdtempSync(join(tmpdir(), 'webex cdr '))
  const settings = parseDatabaseUrl(`sqlite:${join(folder, 'calls.db')}`)
  await migrated(join(folder, 'calls.db'))
  const dataSource = await connect(settings)
  atEnd(async () => {
    await dataSource.destroy()
    rmSync(folder, { recursive: true })
  })
  const env = { DATABASE_URL: `sqlite:${join(folder, 'calls.db')}` }
  const run = (args: string[]) => cli(args, env, folder)
  const bench: ReportBench = {
    folder,
    dataSource,
    run,
    report: (...args) => run(['report', '-o', 'report.html', ...args]),
    html: () => readFileSync(join(folder, 'report.html'), 'utf8')
  }
  return bench
}

/** Something of everything in the last ten days, by people and services with hostile names, with a hole. */
export async function fillWithEverything({ dataSource: { manager } }: ReportBench): Promise<void> {
  const now = Date.now()
  const calls: GivenCall[] = Array.from({ length: 240 }, (_, index) => callOf(index, now))
  await addCalls(manager, ...calls)
  const { changeCoverage } = await import('../../src/coverage/table.js')
  await changeCoverage(manager, 'all locations', (coverage) => ({
    ...coverage,
    asked: [{ start: now - 40 * DAY, end: Number.POSITIVE_INFINITY }],
    feed: [{ start: now - 40 * DAY, end: now - HOUR, read: now }],
    accepted: [{ start: now - 5 * DAY, end: now - 5 * DAY + 30 * HOUR }]
  }))
}

function callOf(index: number, now: number): GivenCall {
  const name = HOSTILE[index % HOSTILE.length]!
  const pick = <Of>(of: readonly Of[]) => of[index % of.length]!
  const locationName = pick(['Berlin', 'New York', name])
  return {
    at: new Date(now - (index * DAY) / 24 - HOUR).toISOString(),
    lasts: 20 + (index % 300),
    locationName,
    utcOffsetMinutes: pick([60, -300, 60]),
    callClass: pick(['inbound', 'outbound', 'internal', 'inbound', 'emergency', 'meeting']),
    outcome: pick(['answered', 'answered', 'voicemail', 'abandoned', 'busy', 'blocked', 'failed']),
    outcomeReason: pick(['Normal', 'RouteListCalls', name]),
    callType: pick(['SIP_INBOUND', 'SIP_NATIONAL', name]),
    callingName: name,
    callingNumber: name.slice(0, 64),
    callingUserId: `user-${index % HOSTILE.length}`,
    calledNumber: name.slice(0, 64),
    waitSeconds: index % 400,
    country: name.slice(0, 100),
    pstnVendorName: name,
    routeListOverage: index % 11,
    recordingResult: pick(['successful', 'failed', name.slice(0, 64)]),
    spamResult: pick(['allow', 'block', name.slice(0, 64)]),
    parties: [
      {
        kind: 'queue',
        name,
        locationName,
        trunk: name,
        outcome: pick(['answered', 'abandoned', 'passed_on'])
      },
      { kind: 'attendant', name, locationName, outcome: 'passed_on' },
      { kind: 'user', userId: `user-${index % HOSTILE.length}`, name, locationName, sentBy: name },
      {
        kind: 'outside',
        name,
        callType: name.slice(0, 64),
        country: name.slice(0, 100),
        pstnVendorName: name
      }
    ]
  }
}
