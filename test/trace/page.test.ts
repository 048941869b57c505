import { existsSync } from 'node:fs'
import { chromium, type Page } from 'playwright-core'
import { beforeAll, describe, expect, test } from 'vitest'
import { chooseDialect } from '../../src/entities/dialect.js'
import { required } from '../support/desktop.js'
import { item } from '../support/live.js'
import { tracedCall } from '../support/traced-call.js'

const CHROMIUM = '/usr/bin/chromium'
const hasChromium = required('chromium', existsSync(CHROMIUM))

/** The page of the call that these records are. */
async function pageOf(...items: object[]): Promise<string> {
  chooseDialect('sqlite')
  const { preparePage } = await import('../../src/record/page.js')
  const { journeysOf } = await import('../../src/calls/journeys.js')
  const { callOf } = await import('../../src/calls/call.js')
  const { hopsOf } = await import('../../src/trace/hops.js')
  const { tracePage } = await import('../../src/trace/page.js')
  const rows = [...preparePage(items).rows()]
  const [journey] = journeysOf(rows as never)
  const { call, parties } = callOf(journey!)
  const gap = {
    scope: 'all locations',
    start: '2026-09-24T08:00:00.000Z',
    end: '2026-09-24T08:30:00.000Z',
    fillable: true
  }
  const hops = hopsOf(journey!.legs as never, parties)
  return tracePage({ ...call, updatedUtc: new Date(0) }, hops, { gaps: [gap], notes: ['one leg is masked'] })
}

/** A queue that rings ten agents at once. */
function tenAgents(): object[] {
  const [menu, , queue] = tracedCall()
  const agents = Array.from({ length: 10 }, (_, agent) => ({
    ...tracedCall()[agent === 9 ? 6 : 4],
    'Report ID': `00000000-0000-3000-8000-0000000000${agent + 10}`,
    'Local call ID': `7${agent}:0`,
    'Network call ID': `BW7${agent}@192.0.2.1`,
    'User UUID': `7777777${agent}-aaaa-4aaa-8aaa-aaaaaaaaaaaa`,
    User: `Agent ${agent} of the Customer Care Team`
  }))
  return [menu!, queue!, ...agents]
}

let page: Page

/** In a document of its own, on the screen. */
async function show(html: string, width = 1_280): Promise<void> {
  await page.goto('about:blank')
  await page.setViewportSize({ width, height: 800 })
  await page.emulateMedia({ media: null, colorScheme: 'light' })
  await page.setContent(html)
}

const HOSTILE = `"><script>document.title='owned'</script><img src=x onerror="document.title='owned'">'</title></text>\u202e`

describe.skipIf(!hasChromium)('the page of a call', () => {
  beforeAll(async () => {
    const browser = await chromium.launch({
      executablePath: CHROMIUM,
      args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking']
    })
    page = await browser.newPage()
    return () => browser.close()
  })

  test('draws each party as a line and each leg as an arrow, and has the same legs as a table', async () => {
    await show(await pageOf(...tracedCall()))
    expect(await page.locator('h1').textContent()).toBe(
      'WIRELESS CALLER (+15555550199) called Main Menu (+15555550100)'
    )
    expect(await page.locator('svg .lane').count()).toBe(5)
    expect(await page.locator('svg .leg').count()).toBe(4)
    expect(await page.locator('svg .lost').count()).toBe(1)
    expect(await page.locator('svg .name').allTextContents()).toEqual([
      ...['WIRELESS CALLER', 'Main Menu', 'Customer Care', 'ann.lee@example.…', 'Bob Ray']
    ])
    expect(await page.locator('tbody tr').count()).toBe(4)
    const cells = await page.locator('tbody tr').nth(3).locator('td').allTextContents()
    expect(cells.slice(0, 7)).toEqual([
      ...[
        '4',
        '2',
        '07:59:42.250',
        'queue Customer Care (+15555550102)',
        'Bob Ray (+15555550112) WXC_CLIENT'
      ],
      ...['from the queue', 'answered after 5 s, talked 1:20 min, WIRELESS CALLER hung up']
    ])
    expect(await page.locator('.notes').textContent()).toMatch(
      /are missing: .*--fill-gaps.*one leg is masked/s
    )
  })

  test('is named for those who hear it', async () => {
    await show(await pageOf(...tracedCall()))
    await expectNamed('img', 'Sequence of the call')
    await expectNamed('region', 'Sequence')
    await expectNamed('region', 'Legs')
    expect(await page.locator('html').getAttribute('lang')).toBe('en')
  })

  test.each([360, 1_280])('at %i px everything is within its box', async (width) => {
    for (const [items, lanes] of [
      [tenAgents(), 13],
      [tracedCall(), 5]
    ] as const) {
      await show(await pageOf(...items), width)
      const sizes = await page.evaluate(`(() => {
      const svg = document.querySelector('svg')
      const drawing = svg.getBoundingClientRect()
      const texts = [...svg.querySelectorAll('text')].map((text) => text.getBoundingClientRect())
      const heads = [...svg.querySelectorAll('.name')].map((text) => text.getBoundingClientRect())
      return {
        beyondWindow: document.documentElement.scrollWidth - innerWidth,
        beyondDrawing: texts.filter(({ right, bottom }) => right > drawing.right || bottom > drawing.bottom).length,
        headsThatTouch: heads.filter(({ left }, index) => index > 0 && left < heads[index - 1].right).length
      }
    })()`)
      expect(sizes).toEqual({ beyondWindow: 0, beyondDrawing: 0, headsThatTouch: 0 })
      expect(await page.locator('svg .lane').count()).toBe(lanes)
    }
  })

  test('is light or dark, as its reader is used to', async () => {
    await show(await pageOf(...tracedCall()))
    expect(await colours()).toEqual(['rgb(255, 255, 255)', 'rgb(27, 31, 36)'])
    await page.emulateMedia({ colorScheme: 'dark' })
    expect(await colours()).toEqual(['rgb(20, 24, 29)', 'rgb(230, 234, 239)'])
  })

  test('shows hostile names as text', async () => {
    const more = {
      User: HOSTILE,
      'Calling line ID': HOSTILE,
      'Calling number': HOSTILE,
      Location: HOSTILE,
      Model: HOSTILE,
      'Related reason': HOSTILE,
      'Call outcome reason': HOSTILE,
      'Transfer type': HOSTILE
    }
    const refused: string[] = []
    const html = await pageOf(item(1, more))
    page.on('console', (message) => refused.push(message.text()))
    page.on('request', (request) => refused.push(request.url()))
    await show(html)
    expect(await page.title()).toContain('<script>')
    expect(await page.locator('script, img').count()).toBe(0)
    expect(await page.locator('body').textContent()).not.toContain('\u202e')
    expect(refused).toEqual([])
  })

  test('runs no script and fetches nothing, even if one got in', async () => {
    const html = (await pageOf(...tracedCall())).replace(
      '</main>',
      '<script>document.title="owned"</script><img src="http://127.0.0.1:9/x" onerror="document.title=\'owned\'"><style>body{color:red}</style></main>'
    )
    const requests: string[] = []
    page.on('requestfinished', (request) => requests.push(request.url()))
    await show(html)
    expect(await page.title()).not.toBe('owned')
    expect(await page.evaluate('getComputedStyle(document.body).color')).toBe('rgb(27, 31, 36)')
    expect(requests).toEqual([])
  })

  test('is black on white on paper, and as wide as that', async () => {
    await show(await pageOf(...tenAgents()), 700)
    await page.emulateMedia({ media: 'print', colorScheme: 'dark' })
    const [background] = await colours()
    const drawing = await page.locator('svg').boundingBox()
    expect(background).toBe('rgb(255, 255, 255)')
    expect(drawing?.width).toBeLessThanOrEqual(700)
  })
})

/** Of the paper and of the ink. */
function colours(): Promise<string[]> {
  return page.evaluate(
    '[getComputedStyle(document.body).backgroundColor, getComputedStyle(document.body).color]'
  )
}

async function expectNamed(role: 'img' | 'region', name: string): Promise<void> {
  expect(await page.getByRole(role, { name, exact: true }).count(), name).toBe(1)
}
