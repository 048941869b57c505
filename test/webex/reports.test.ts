import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import {
  AuthenticationError,
  ConfigurationError,
  FatalError,
  FileError,
  ForbiddenError,
  NotServedError,
  TemporaryError
} from '../../src/errors.js'
import { type Fault, type ReportsOptions, startSimulator } from '../../src/simulator/index.js'
import { readCsv, unzipped } from '../simulator/report-files.js'
import { type ClientOptions, testClient } from '../support/client.js'
import { type Hostility, sendJson, startHostileServer } from '../support/hostile-server.js'

const NOW = Date.UTC(2026, 10, 23, 16)
const DAYS = ['2026-10-01', '2026-10-02'] as const
const BY_HAND = /reports that you download in Control Hub do the same: `npm run import -- report\.zip`$/
const unavailable: Fault = { kind: 'status', status: 503 }

function pathOf(name: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'webex-cdr-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  return join(folder, name)
}

/** The client of a simulator whose reports are done at once. */
async function bench(reports: ReportsOptions = {}, options: ClientOptions = {}) {
  const sim = await startSimulator({ recordsPerHour: 5, now: () => NOW, reports: { takes: 0, ...reports } })
  onTestFinished(() => sim.close())
  const client = testClient(sim.url, { present: NOW, ...options })
  const asked = () => sim.requests.filter(({ path }) => !path.endsWith('access_token'))
  return {
    ...client,
    sim,
    /** Method, path and status of all requests but those for a token. */
    asked: () =>
      asked().map(
        ({ method, path, status }) => `${method} ${path.replace(/reports\/.+/, 'reports/…')} ${status}`
      ),
    async done() {
      const id = await client.reports.create(await client.reports.template(), ...DAYS)
      const report = await client.reports.find(id)
      if (report?.status !== 'ready') throw new Error('the report is not ready')
      return { id, report }
    }
  }
}

/** The client of a server on loopback that answers all but the request for a token as the test wants. */
async function hostile(hostility: Hostility, options: ClientOptions = {}) {
  const server = await startHostileServer(hostility)
  onTestFinished(() => server.close())
  const report = { status: 'ready' as const, downloadUrl: `${new URL(server.url).origin}/api?reportId=1` }
  return { ...testClient(server.url, { present: NOW, ...options }), server, report }
}

const answering = (body: unknown, options?: ClientOptions) =>
  hostile((response) => sendJson(response, 200, body), options)

describe.each(['live', 'reference'] as const)('as the %s spelling has it', (spelling) => {
  test.each([true, false])('a report is made, found, downloaded and deleted; zipped: %s', async (zipped) => {
    const { sim, reports, asked, lines } = await bench({ spelling, zipped })
    const template = await reports.template()
    expect(template).toEqual({ id: 506, maxDays: 92, first: '2025-10-19', last: '2026-11-22' })
    const id = await reports.create(template, ...DAYS)
    expect(sim.reports).toMatchObject([{ id, startDate: DAYS[0], endDate: DAYS[1], timeZone: 'UTC' }])
    const report = await reports.find(id)
    expect(report).toEqual({
      status: 'ready',
      downloadUrl: `${new URL(sim.url).origin}/api?reportId=${id}`
    })
    const path = pathOf('report')
    expect(report?.status === 'ready' && (await reports.download(report, path))).toBe(true)
    const bytes = readFileSync(path)
    const csv = zipped ? [...unzipped(bytes).values()][0] : bytes
    expect(csv && readCsv(csv).rows.length).toBeGreaterThan(50)
    expect(statSync(path).mode & 0o777).toBe(0o600)
    await reports.delete(id)
    expect(sim.reports).toEqual([])
    expect(await reports.find(id)).toBeUndefined()
    await reports.delete(id)
    expect(asked()).toEqual([
      'GET /v1/report/templates 200',
      'GET /v1/reports 200',
      'POST /v1/reports 200',
      'GET /v1/reports/… 200',
      'GET /api 200',
      'DELETE /v1/reports/… 204',
      'GET /v1/reports/… 404',
      'DELETE /v1/reports/… 404'
    ])
    expect(lines.join('')).not.toContain('"level":40')
  })

  test.each([
    ['done', {}, 'ready'],
    ['manual_processing', {}, 'ready'],
    ['failed', {}, 'failed'],
    ['done', { takes: 60_000 }, 'pending']
  ] as const)('one that is to be %s is, with %j, %s', async (end, options, status) => {
    const { reports } = await bench({ spelling, ends: [end], ...options })
    const id = await reports.create(await reports.template(), ...DAYS)
    expect(await reports.find(id)).toMatchObject({ status })
  })
})

describe('what the answers may look like', () => {
  const template = { Id: 7, title: ' calling detailed call HISTORY ', service: 'Webex Calling', maxDays: 31 }
  const found = { id: 7, maxDays: 31, first: undefined, last: undefined }

  test.each([
    ['items is a list', { items: [{ Id: 1, title: 'Call Queue Stats' }, template] }],
    ['items is an object', { items: template }],
    ['there are no items', template],
    [
      'names have other letter case',
      { Items: { ID: 7, TITLE: 'Calling Detailed Call History', MaxDays: '31' } }
    ]
  ])('%s', async (_, body) => {
    const { reports } = await answering(body)
    expect(await reports.template()).toEqual(found)
  })

  test.each([
    ['that says nothing', {}, { maxDays: 31, first: undefined, last: undefined }],
    ['with nonsense', { maxDays: 'many', startDate: '2026-13-45', endDate: 7 }, { maxDays: 31 }],
    ['with a fraction of a day', { maxDays: 0.5 }, { maxDays: 31 }],
    [
      'with times',
      { maxDays: 92, startDate: '2025-10-19T00:00:00Z', endDate: '2026-11-22 23:59:59' },
      { maxDays: 92, first: '2025-10-19', last: '2026-11-22' }
    ]
  ])('a template %s has safe limits', async (_, fields, limits) => {
    const { reports } = await answering({ items: [{ Id: 7, title: template.title, ...fields }] })
    expect(await reports.template()).toEqual({ ...found, ...limits })
  })

  test.each([
    ['none', { items: [] }],
    ['one of another title', { items: [{ ...template, title: 'Calling Quality' }] }],
    ['one of another service', { items: [{ ...template, service: 'Webex Meetings' }] }],
    ['something else', { items: [null, 7, 'text', []] }]
  ])('of templates there is %s', async (_, body) => {
    const { reports } = await answering(body)
    const error = await reports.template().catch((reason) => reason)
    expect(error).toBeInstanceOf(NotServedError)
    expect(error.message).toMatch(/^Webex has no report “Calling Detailed Call History”/)
    expect(error.message).toMatch(BY_HAND)
  })

  test.each([
    ['a list', { items: [{ Id: 'R1' }] }],
    ['an object', { items: { id: 'R1' } }],
    ['itself', { ID: 'R1' }],
    ['a number', { items: { Id: 1 } }]
  ])('the ID of a new report is in %s', async (_, body) => {
    const { reports } = await hostile((response, count) =>
      sendJson(response, 200, count === 0 ? { items: [] } : body)
    )
    expect(await reports.create({ ...found, id: 7 }, ...DAYS)).toMatch(/^R?1$/)
  })

  test.each([
    ['the list of no report', { items: [] }, undefined],
    ['a list', { items: [{ status: 'Done', downloadURL: 'u' }] }, { status: 'ready', downloadUrl: 'u' }],
    ['itself', { Status: ' DONE ', downloadUrl: 'u' }, { status: 'ready', downloadUrl: 'u' }],
    ['an error', { items: { status: 'error' } }, { status: 'failed' }],
    ['an unknown status', { items: { status: 'queued' } }, { status: 'pending' }],
    ['no status', { items: {} }, { status: 'pending' }],
    ['done, and not to be downloaded', { items: { status: 'done' } }, { status: 'pending' }]
  ])('a report is %s', async (_, body, report) => {
    const { reports } = await answering(body)
    expect(await reports.find('R1')).toEqual(report)
  })

  test('an ID goes into the path as one part of it', async () => {
    const { reports, server } = await answering({ items: [] })
    await reports.find('../people/me?x=1')
    expect(server.asked).toEqual(['/v1/reports/..%2Fpeople%2Fme%3Fx%3D1'])
  })
})

describe('refused', () => {
  test('a token that is no more: asks for another one, once', async () => {
    const { sim, reports } = await bench()
    await reports.template()
    sim.expireAccessTokens()
    await reports.template()
    expect(sim.requests.map(({ path, status }) => `${path} ${status}`)).toEqual([
      '/v1/access_token 200',
      '/v1/report/templates 200',
      '/v1/report/templates 401',
      '/v1/access_token 200',
      '/v1/report/templates 200'
    ])
    sim.failNextReport({ kind: 'status', status: 401 }, { kind: 'status', status: 401 })
    const error = await reports.template().catch((reason) => reason)
    expect(error).toBeInstanceOf(AuthenticationError)
    expect(error).not.toBeInstanceOf(ForbiddenError)
    expect(error.message).toMatch(/rejects a new access token.*authorise again: `npm run setup`$/)
  })

  test.each([403, 404] as const)('%i says what it takes, in one line', async (status) => {
    const { sim, reports, asked } = await bench()
    sim.refuseReports(status)
    const error = await reports.template().catch((reason) => reason)
    expect(error).toBeInstanceOf(ForbiddenError)
    expect(error.message).toMatch(/Pro Pack, the scope analytics:read_all, and a full or read-only admin/)
    expect(error.message).toMatch(BY_HAND)
    expect(error.message).not.toContain('\n')
    expect(asked()).toHaveLength(1)
  })

  test('fifty reports are there: makes none, deletes none, and says so', async () => {
    const { sim, reports, asked } = await bench()
    const template = await reports.template()
    for (let count = 0; count < 50; count++) await reports.create(template, ...DAYS)
    const error = await reports.create(template, ...DAYS).catch((reason) => reason)
    expect(error).toBeInstanceOf(FatalError)
    expect(error.message).toMatch(/^Webex keeps 50 reports.*has as many: delete some \(developer\.webex\.com/)
    expect(sim.reports).toHaveLength(50)
    expect(asked().filter((request) => /^POST|^DELETE/.test(request))).toHaveLength(50)
  })

  test('a range that Webex does not take is told in its words', async () => {
    const { reports } = await bench()
    const template = await reports.template()
    await expect(reports.create(template, '2020-01-01', '2020-01-02')).rejects.toThrow(
      /answered 400: startDate must not be before/
    )
  })

  test.each<[string, Fault]>([
    ['5xx', unavailable],
    ['429', { kind: 'status', status: 429, headers: { 'retry-after': '1' } }],
    ['a reset', { kind: 'reset' }],
    ['half an answer', { kind: 'truncate' }]
  ])('for the moment, by %s: asks again', async (_, fault) => {
    const { sim, reports } = await bench()
    sim.failNextReport(fault)
    expect(await reports.template()).toMatchObject({ id: 506 })
    expect(sim.requests.filter(({ path }) => path.endsWith('templates'))).toHaveLength(2)
  })

  test('a report that may have been made is not made again', async () => {
    const { sim, reports } = await bench()
    const template = await reports.template()
    sim.failNextReport({ kind: 'withoutItems' }, unavailable)
    await expect(reports.create(template, ...DAYS)).rejects.toThrow(TemporaryError)
    expect(
      sim.requests.filter(({ method, path }) => `${method} ${path}` === 'POST /v1/reports')
    ).toHaveLength(1)
  })

  test('Webex for Government has no known place for files, so nothing is asked for', async () => {
    const { reports, sim } = await bench({}, { apiUrl: 'https://api-usgov.webex.com/v1' })
    await expect(reports.template()).rejects.toThrow(NotServedError)
    await expect(reports.template()).rejects.toThrow(BY_HAND)
    expect(sim.requests).toEqual([])
  })
})

describe('a download', () => {
  test.each([403, 404])(
    'that answers %i is not there yet, which is told; other answers leave no file',
    async (status) => {
      const { report, reports, lines } = await hostile((response) => {
        response.writeHead(status, { 'content-type': 'text/html' })
        response.end('<html>Forbidden</html>')
      })
      const path = pathOf('report')
      expect(await reports.download(report, path)).toBe(false)
      expect(lines.join('')).toContain(
        `the file of the report is not there yet: the service answered ${status}`
      )
      expect(statSync(path, { throwIfNoEntry: false })).toBeUndefined()
    }
  )

  test('that was made thirty times is no more to be had', async () => {
    const { done, reports } = await bench({ zipped: false })
    const { report } = await done()
    const path = pathOf('report')
    for (let count = 0; count < 30; count++) await reports.download(report, path)
    const error = await reports.download(report, path).catch((reason) => reason)
    expect(error).toBeInstanceOf(FileError)
    expect(error.message).toMatch(
      /does not give the file of the report: the service answered 400: a report can/
    )
  })

  test.each<[string, Fault]>([
    ['cut off', { kind: 'truncate' }],
    ['reset', { kind: 'reset' }],
    ['refused by 5xx', unavailable]
  ])('that is %s is made again, and the file is whole', async (_, fault) => {
    const { sim, done, reports } = await bench()
    const { report } = await done()
    sim.failNextReport(fault)
    const path = pathOf('report')
    expect(await reports.download(report, path)).toBe(true)
    expect(unzipped(readFileSync(path)).size).toBe(1)
  })

  test('that is cut off again and again fails', async () => {
    const { report, reports, server } = await hostile((response) => {
      response.writeHead(200, { 'content-length': '1000' })
      response.write('half')
      setTimeout(() => response.destroy(), 10)
    })
    await expect(reports.download(report, pathOf('report'))).rejects.toThrow(TemporaryError)
    expect(server.asked).toHaveLength(3)
  })

  test('may take long, as long as something comes; where nothing more comes it is made again', async () => {
    const { report, reports, server, lines } = await hostile(
      (response, count) => {
        response.writeHead(200)
        response.write('a')
        if (count === 0) return
        const drops = setInterval(() => response.write('b'), 100)
        setTimeout(() => {
          clearInterval(drops)
          response.end('c')
        }, 1_000)
      },
      { timeout: 400 }
    )
    const path = pathOf('report')
    expect(await reports.download(report, path)).toBe(true)
    expect(server.asked).toHaveLength(2)
    expect(readFileSync(path, 'utf8')).toMatch(/^ab+c$/)
    expect(lines.join('')).toContain('nothing more of the file within 1 s')
  })

  test('with a token that is no more asks for another one', async () => {
    const { sim, done, reports } = await bench()
    const { report } = await done()
    sim.expireAccessTokens()
    expect(await reports.download(report, pathOf('report'))).toBe(true)
  })

  test('that redirects is not followed', async () => {
    const { report, reports, server } = await hostile((response) => {
      response.writeHead(302, { location: 'https://example.com/file?secret=1' })
      response.end()
    })
    const error = await reports.download(report, pathOf('report')).catch((reason) => reason)
    expect(error).toBeInstanceOf(FatalError)
    expect(error.message).toContain('302, a redirect to https://example.com/file that is not followed')
    expect(server.asked).toHaveLength(1)
  })

  test('that a proxy refuses says so', async () => {
    const { report, reports } = await hostile((response) => response.writeHead(407).end('<html></html>'))
    await expect(reports.download(report, pathOf('report'))).rejects.toThrow(ConfigurationError)
  })

  test.each([
    ['another host', 'https://example.com/api?reportId=1', 'example.com'],
    [
      'Webex, from loopback',
      'https://downloadservicebts.webex.com/api?reportId=1',
      'downloadservicebts.webex.com'
    ],
    ['a file', 'file:///etc/passwd', 'an invalid URL'],
    ['no URL', 'report.zip', 'an invalid URL'],
    ['a blob', 'blob:https://example.com/1', 'an invalid URL']
  ])('from %s is refused, and the token not sent', async (_, downloadUrl, host) => {
    const { reports, sim } = await bench()
    const error = await reports
      .download({ status: 'ready', downloadUrl }, pathOf('report'))
      .catch((reason) => reason)
    expect(error).toBeInstanceOf(FatalError)
    expect(error.message).toContain(`is to be downloaded from ${host}, which is no known host of Webex`)
    expect(error.message).toMatch(BY_HAND)
    expect(sim.requests).toEqual([])
  })

  test('of 200 MB takes no memory for it', async () => {
    const { report, reports } = await hostile((response) => {
      const piece = Buffer.alloc(1024 * 1024, 'x')
      let left = 200
      const write = (): void => {
        while (left-- > 0) if (!response.write(piece)) return void response.once('drain', write)
        response.end()
      }
      write()
    })
    const path = pathOf('report')
    const before = process.memoryUsage()
    let most = 0
    const watch = setInterval(() => {
      const { arrayBuffers, heapUsed } = process.memoryUsage()
      most = Math.max(most, arrayBuffers + heapUsed - before.arrayBuffers - before.heapUsed)
    }, 5)
    expect(await reports.download(report, path)).toBe(true)
    clearInterval(watch)
    expect(statSync(path).size).toBe(200 * 1024 * 1024)
    expect(most).toBeLessThan(100 * 1024 * 1024)
  })
})
