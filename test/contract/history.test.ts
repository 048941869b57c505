import { expect, test } from 'vitest'
import type { CdrRecord } from '../../src/entities/index.js'
import type { ReportForm } from '../../src/simulator/index.js'
import { syncHistory } from '../../src/sync/sync-history.js'
import { callsByRecords, callsOf, type PlainCall } from '../support/calls.js'
import { contract, setUp, useDatabase } from '../support/contract.js'
import { memoryLog } from '../support/log.js'
import { demoSecrets } from '../support/secrets.js'

useDatabase()

const now = Date.UTC(2026, 10, 23, 16)
const since = Date.UTC(2026, 10, 19)
/** Up to there a report is complete. */
const until = Date.UTC(2026, 10, 20)

type Way = 'api' | { form: ReportForm; zipped: boolean }

/** What is in the database once the day has come in these ways, one after the other. */
async function after(...ways: Way[]): Promise<{ rows: Partial<CdrRecord>[]; calls: PlainCall[] }> {
  const reports = ways.find((way) => way !== 'api')
  const { sim, settings, clock, run, records, dataSource } = await setUp({
    now,
    recordsPerHour: 4,
    reports: { takes: 0, ...reports },
    records: undefined
  })
  const { log } = memoryLog()
  const sleep = async (ms: number) => {
    clock.now += ms
  }
  const { signal } = new AbortController()
  const tools = {
    secrets: demoSecrets(log),
    log,
    now: () => clock.now,
    sleep,
    signal,
    looked() {},
    stored() {}
  }
  for (const way of ways) {
    if (way === 'api') await run({ since, until })
    else await syncHistory(settings, { since }, tools)
  }
  const asked = sim.requests.filter(({ method, path }) => `${method} ${path}` === 'POST /v1/reports')
  expect(asked).toHaveLength(reports ? 1 : 0)
  const calls = await callsOf(dataSource)
  expect(calls).toEqual(await callsByRecords(dataSource))
  return { rows: (await records()).map(plain).sort(byReportId), calls }
}

/** What the service says, without when and how often it came. */
function plain({ id, ingestionTimestamp, updatedTimestamp, ...row }: CdrRecord): Partial<CdrRecord> {
  return row
}

function byReportId(a: Partial<CdrRecord>, b: Partial<CdrRecord>): number {
  return String(a.reportId).localeCompare(String(b.reportId))
}

contract('a day', () => {
  test('ends in the same rows and calls, whether it comes by the API or a report brought it before', async () => {
    const byApi = await after('api')
    expect(byApi.rows.length).toBeGreaterThan(50)
    expect(await after({ form: '2022', zipped: true }, 'api')).toEqual(byApi)
    expect(await after({ form: '2024', zipped: false }, 'api')).toEqual(byApi)

    const byReport = await after({ form: '2026', zipped: true })
    expect(byReport.rows).toHaveLength(byApi.rows.length)
    for (const [index, row] of byReport.rows.entries()) {
      const { rawJson, contentHash, ...said } = filled(row)
      expect(byApi.rows[index]).toMatchObject(said)
    }
  }, 240_000)
})

function filled(row: Partial<CdrRecord>): Partial<CdrRecord> {
  return Object.fromEntries(Object.entries(row).filter(([, value]) => value !== null))
}
