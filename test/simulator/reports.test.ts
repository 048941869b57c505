import { describe, expect, it } from 'vitest'
import type { ReportsOptions, Simulator } from '../../src/simulator/index.js'
import { accessToken, type Item, NOW, start } from './caller.js'
import { readCsv, unzipped } from './report-files.js'

const TEMPLATE = 506
const OCTOBER = { templateId: TEMPLATE, startDate: '2026-10-01', endDate: '2026-10-31' }
const TODAY = { templateId: TEMPLATE, startDate: '2026-11-18', endDate: '2026-11-19' }

/** What a client of the Reports API does, with one token. */
async function client(simulator: Simulator) {
  const headers = { authorization: `Bearer ${await accessToken(simulator)}` }
  const call = (path: string, init: RequestInit = {}) =>
    fetch(path.startsWith('http') ? path : `${simulator.url}${path}`, { headers, ...init })
  const post = (body: unknown) =>
    call('/reports', { method: 'POST', body: typeof body === 'string' ? body : JSON.stringify(body) })
  const json = async (response: Response | Promise<Response>) => (await (await response).json()) as Item
  const create = async (body: unknown = OCTOBER) =>
    ((await json(post(body))) as { items: { Id: string } }).items.Id
  const detail = async (id: string) => ((await json(call(`/reports/${id}`))).items as Item[])[0] as Item
  const download = (id: string) => call(new URL(`/api?reportId=${id}`, simulator.url).href)
  return { call, post, json, create, detail, download }
}

async function reporting(reports: ReportsOptions = {}) {
  const clock = { now: NOW }
  const simulator = await start({ now: () => clock.now, recordsPerHour: 20, reports })
  return { simulator, clock, ...(await client(simulator)) }
}

describe('report templates', () => {
  it('are several, of which one has the call history and says what it may ask for', async () => {
    const { call, json } = await reporting()
    const body = (await json(call('/report/templates'))) as { items: Item[]; numberOfTemplate: number }
    expect(body.numberOfTemplate).toBe(body.items.length)
    expect(body.items.length).toBeGreaterThan(1)
    expect(body.items.filter(({ title }) => title === 'Calling Detailed Call History')).toEqual([
      {
        Id: TEMPLATE,
        title: 'Calling Detailed Call History',
        service: 'Webex Calling',
        maxDays: 92,
        startDate: '2025-10-16',
        endDate: '2026-11-19',
        identifier: 'calling_detailed_call_history',
        timezoneEnabled: true,
        validations: ['templateId', 'startDate', 'endDate'].map((field) => ({ field, required: 'yes' }))
      }
    ])
  })
})

describe('a report', () => {
  it('is in progress, then done, and can be downloaded until it is deleted', async () => {
    const { simulator, clock, create, call, json, download } = await reporting({ takes: 5_000 })
    const id = await create(TODAY)
    const url = `${new URL(simulator.url).origin}/api?reportId=${id}`
    const report = {
      title: 'Calling Detailed Call History',
      service: 'Webex Calling',
      startDate: '2026-11-18',
      endDate: '2026-11-19',
      siteList: '',
      created: '2026-11-20 12:00:00',
      createdBy: expect.any(String),
      status: 'In progress',
      timezoneName: 'UTC',
      scheduleFrom: 'api',
      Id: id
    }
    clock.now += 4_999
    expect(await json(call(`/reports/${id}`))).toEqual({ items: [report], numberOfReports: 1 })
    expect((await download(id)).status).toBe(403)
    clock.now += 1
    const done = { ...report, status: 'done', downloadDomain: url.replace(/api.*/, ''), downloadURL: url }
    expect(await json(call(`/reports/${id}`))).toEqual({ items: [done], numberOfReports: 1 })
    expect(await json(call('/reports'))).toEqual({ items: [done], numberOfReports: 1 })

    const response = await call(url)
    expect([response.status, response.headers.get('content-type')]).toEqual([200, 'application/octet-stream'])
    expect(response.headers.has('content-disposition')).toBe(false)
    const files = unzipped(Buffer.from(await response.arrayBuffer()))
    expect([...files.keys()]).toEqual([
      expect.stringMatching(/^Calling Detailed Call History_\w+_2026-11-18_2026-11-19\.csv$/)
    ])
    const csv = Buffer.concat([...simulator.csv('2026', '2026-11-18', '2026-11-19', { made: NOW })])
    expect(files.values().next().value?.equals(csv)).toBe(true)
    expect(simulator.reports).toMatchObject([{ id, timeZone: 'UTC', status: 'done', downloads: 1 }])

    const deleted = await call(`/reports/${id}`, { method: 'DELETE' })
    expect([deleted.status, await deleted.text(), deleted.headers.get('content-length')]).toEqual([
      204,
      '',
      null
    ])
    expect(simulator.reports).toEqual([])
    for (const gone of [call(`/reports/${id}`), call(`/reports/${id}`, { method: 'DELETE' }), call(url)]) {
      expect((await gone).status).toBe(404)
    }
  })

  it('may be a bare CSV, in an older form and in another time zone', async () => {
    const { simulator, create, download, detail } = await reporting({ takes: 0, zipped: false, form: '2022' })
    const id = await create({ ...TODAY, timeZone: 'Asia/Tokyo' })
    expect((await detail(id)).timezoneName).toBe('Asia/Tokyo')
    const response = await download(id)
    expect(response.headers.get('content-type')).toBe('text/csv')
    const bytes = Buffer.from(await response.arrayBuffer())
    const csv = simulator.csv('2022', '2026-11-18', '2026-11-19', { timeZone: 'Asia/Tokyo' })
    expect(bytes.equals(Buffer.concat([...csv]))).toBe(true)
    expect(readCsv(bytes).rows[0]?.['Start time']).toMatch(/^2026-11-18T09:\d\d:\d\d\.\d{3}$/)
  })

  it('is spelt as the reference has it, if so asked', async () => {
    const { simulator, post, json, call } = await reporting({ takes: 0, spelling: 'reference' })
    const { items } = (await json(post(OCTOBER))) as { items: { id: string } }
    const report = await json(call(`/reports/${items.id}`))
    expect(report).toEqual({
      id: items.id,
      title: 'Calling Detailed Call History',
      service: 'Webex Calling',
      startDate: '2026-10-01',
      endDate: '2026-10-31',
      timeZone: 'UTC',
      siteList: '',
      created: '2026-11-20 12:00:00',
      createdBy: expect.any(String),
      scheduledFrom: 'api',
      status: 'done',
      downloadURL: `${new URL(simulator.url).origin}/api?reportId=${items.id}`
    })
    expect(await json(call('/reports'))).toEqual({ items: [report] })
  })

  it('ends as it is told to, one after the other', async () => {
    const { create, detail, download } = await reporting({
      takes: 0,
      ends: ['failed', 'manual_processing']
    })
    const seen: unknown[] = []
    for (let i = 0; i < 3; i++) {
      const id = await create(TODAY)
      const { status, downloadURL } = await detail(id)
      seen.push([status, downloadURL !== undefined, (await download(id)).status])
    }
    expect(seen).toEqual([
      ['failed', false, 403],
      ['manual_processing', true, 200],
      ['done', true, 200]
    ])
  })

  it('answers 403 to its first downloads after it is done, and 400 after the 30th', async () => {
    const { simulator, clock, create, download } = await reporting({ downloadRefusals: 2 })
    const id = await create({ ...TODAY, startDate: '2026-11-19' })
    expect((await download(id)).status).toBe(403)
    clock.now += 2_000
    const statuses: number[] = []
    for (let i = 0; i < 33; i++) {
      const response = await download(id)
      await response.arrayBuffer()
      statuses.push(response.status)
    }
    expect(statuses).toEqual([403, 403, ...Array<number>(30).fill(200), 400])
    expect(simulator.reports[0]?.downloads).toBe(30)
  })

  it.each([
    ['no json', /JSON object/],
    ['null', /JSON object/],
    [{ ...OCTOBER, templateId: String(TEMPLATE) }, /templateId must be a number/],
    [{ ...OCTOBER, templateId: 501 }, /templateId 501 is not available/],
    [{ templateId: TEMPLATE, startDate: '2026-10-01' }, /endDate must be written as/],
    [{ ...OCTOBER, startDate: '2026-10-1' }, /startDate must be written as/],
    [{ ...OCTOBER, startDate: '2026-09-31' }, /startDate must be written as/],
    [{ ...OCTOBER, startDate: '2026-11-01' }, /endDate must not be before startDate/],
    [{ ...OCTOBER, startDate: '2025-10-15' }, /startDate must not be before 2025-10-16/],
    [{ ...OCTOBER, endDate: '2026-11-20' }, /endDate must not be after 2026-11-19/],
    [{ ...OCTOBER, startDate: '2026-07-31' }, /at most 92 days/],
    [{ ...OCTOBER, timeZone: 'Mars/Olympus' }, /timeZone must be/],
    [{ ...OCTOBER, timeZone: 0 }, /timeZone must be/]
  ])('is not made of %j', async (body, message) => {
    const { simulator, post, json } = await reporting()
    const response = await post(body)
    expect(response.status).toBe(400)
    expect(((await json(response)).errors as Item[])[0]?.description).toMatch(message)
    expect(simulator.reports).toEqual([])
  })

  it('may have as many days as the template says, and lie as far back', async () => {
    const { post } = await reporting({ maxDays: 31, daysBack: 89 })
    const ask = async (startDate: string, endDate: string) =>
      (await post({ templateId: TEMPLATE, startDate, endDate })).status
    expect(await ask('2026-08-23', '2026-09-22')).toBe(200)
    expect(await ask('2026-08-23', '2026-09-23')).toBe(400)
    expect(await ask('2026-08-22', '2026-08-23')).toBe(400)
  })

  it('is one of 50 at most', async () => {
    const { simulator, post, call, json } = await reporting()
    for (let i = 0; i < 50; i++) expect((await post(OCTOBER)).status).toBe(200)
    const refused = await post(OCTOBER)
    expect(refused.status).toBe(400)
    expect(((await json(refused)).errors as Item[])[0]?.description).toMatch(/at most 50 reports/)
    await call(`/reports/${simulator.reports[20]?.id}`, { method: 'DELETE' })
    expect((await post(OCTOBER)).status).toBe(200)
  })
})
