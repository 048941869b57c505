import { describe, expect, it } from 'vitest'
import type { Simulator, SimulatorOptions } from '../../src/simulator/index.js'
import { accessToken, ask, range, start } from './caller.js'

const BODY = JSON.stringify({ templateId: 506, startDate: '2026-11-19', endDate: '2026-11-19' })
const CDR = 'spark-admin:calling_cdr_read'
const REPORTS = 'analytics:read_all'

/** The answers to one request of each kind, the last one of them a download. */
async function statuses(simulator: Simulator, token: string): Promise<number[]> {
  const { origin } = new URL(simulator.url)
  const id = simulator.reports[0]?.id ?? 'none'
  const requests: [string, RequestInit][] = [
    ['/v1/report/templates', {}],
    ['/v1/reports', { method: 'POST', body: BODY }],
    ['/v1/reports', {}],
    [`/v1/reports/${id}`, {}],
    [`/api?reportId=${id}`, {}]
  ]
  const seen: number[] = []
  for (const [path, init] of requests) {
    const response = await fetch(origin + path, { ...init, headers: { authorization: `Bearer ${token}` } })
    await response.arrayBuffer()
    seen.push(response.status)
  }
  return seen
}

/** A simulator with a report that is done, and a token. */
async function ready(options: SimulatorOptions = {}): Promise<{ simulator: Simulator; token: string }> {
  const simulator = await start({ recordsPerHour: 5, reports: { takes: 0 }, ...options })
  const token = await accessToken(simulator)
  await fetch(`${simulator.url}/reports`, {
    method: 'POST',
    body: BODY,
    headers: { authorization: `Bearer ${token}` }
  })
  return { simulator, token }
}

const all = (status: number) => Array<number>(5).fill(status)

describe('access to reports', () => {
  it('needs a token with their scope, and no other', async () => {
    const { simulator, token } = await ready({ integrationScopes: [REPORTS] })
    expect(await statuses(simulator, token)).toEqual(all(200))
    expect(await statuses(simulator, 'unknown')).toEqual(all(401))
    expect((await ask(simulator, token, range())).status).toBe(403)
    simulator.expireAccessTokens()
    expect(await statuses(simulator, token)).toEqual(all(401))

    const other = await ready({ integrationScopes: [CDR] })
    expect(await statuses(other.simulator, other.token)).toEqual(all(403))
  })

  it('can be refused from the start, which says why, and from now on', async () => {
    const { simulator, token } = await ready({ reports: { refused: 403 } })
    expect(await statuses(simulator, token)).toEqual(all(403))
    const response = await fetch(`${simulator.url}/reports`, {
      headers: { authorization: `Bearer ${token}` }
    })
    expect(await response.json()).toMatchObject({
      message: expect.stringMatching(/scopes .* roles or licenses/)
    })
    expect((await ask(simulator, token, range())).status).toBe(200)
    simulator.refuseReports(404)
    expect(await statuses(simulator, token)).toEqual(all(404))
    simulator.refuseReports(undefined)
    expect((await statuses(simulator, token)).slice(0, 3)).toEqual(all(200).slice(0, 3))
  })

  it('is by the methods that each path has', async () => {
    const { simulator, token } = await ready()
    const headers = { authorization: `Bearer ${token}` }
    const status = async (path: string, method: string) =>
      (await fetch(simulator.url + path, { method, headers })).status
    expect(await status('/reports', 'DELETE')).toBe(405)
    expect(await status('/reports/unknown', 'POST')).toBe(405)
    expect(await status('/report/templates', 'POST')).toBe(405)
    expect(await status('/reports/unknown', 'GET')).toBe(404)
    expect(await status('/reports/', 'GET')).toBe(404)
    expect(await status('/reports/unknown/more', 'GET')).toBe(404)
  })
})

describe('failNextReport', () => {
  it('fails requests about reports in order, and no others', async () => {
    const { simulator, token } = await ready()
    simulator.failNextReport(
      { kind: 'status', status: 503 },
      { kind: 'none' },
      { kind: 'status', status: 429, headers: { 'retry-after': '1' } },
      { kind: 'status', status: 502 },
      { kind: 'status', status: 500 }
    )
    expect((await ask(simulator, token, range())).status).toBe(200)
    expect(await statuses(simulator, token)).toEqual([503, 200, 429, 502, 500])
    expect(await statuses(simulator, token)).toEqual(all(200))
  })

  it('cuts a download in the middle, which counts', async () => {
    const { simulator, token } = await ready()
    const url = `${new URL(simulator.url).origin}/api?reportId=${simulator.reports[0]?.id}`
    const download = () => fetch(url, { headers: { authorization: `Bearer ${token}` } })
    const whole = (await (await download()).arrayBuffer()).byteLength
    simulator.failNextReport({ kind: 'truncate' })
    const cut = await download()
    expect(cut.headers.get('content-length')).toBe(String(whole))
    await expect(cut.arrayBuffer()).rejects.toThrow('terminated')
    expect(simulator.reports[0]?.downloads).toBe(2)
  })
})
