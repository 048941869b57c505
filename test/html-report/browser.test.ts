import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { type Browser, chromium, type Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { required } from '../support/desktop.js'
import { fillWithEverything, HOSTILE, type ReportBench, setUpReport } from './bench.js'

const CHROMIUM = '/usr/bin/chromium'
const hasChromium = required('chromium', existsSync(CHROMIUM))
const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

let browser: Browser
let bench: ReportBench
/** 1280 px wide; no test but the last changes what others see of it. */
let opened: { page: Page; complaints: string[] }
const ends: (() => Promise<void>)[] = []

describe.skipIf(!hasChromium)(
  `the report in a browser${hasChromium ? '' : ' (skipped: there is no chromium)'}`,
  () => {
    beforeAll(async () => {
      browser = await chromium.launch({
        executablePath: CHROMIUM,
        args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking']
      })
      bench = await setUpReport((end) => ends.push(end))
      await fillWithEverything(bench)
      expect(await bench.report('--since', '10d')).toMatchObject({ code: 0, stderr: '' })
      opened = await open()
    }, 60_000)
    afterAll(async () => {
      await browser.close()
      for (const end of ends) await end()
    })

    /** The page, and whatever it says or asks for that it should not. */
    async function open(viewport = { width: 1_280, height: 900 }) {
      const page = await browser.newPage({ viewport, colorScheme: 'light' })
      const complaints: string[] = []
      const url = pathToFileURL(join(bench.folder, 'report.html')).href
      page.on('console', (message) => complaints.push(message.text()))
      page.on('pageerror', (error) => complaints.push(error.message))
      page.on('request', (request) => {
        if (request.url() !== url) complaints.push(request.url())
      })
      await page.goto(url)
      return { page, complaints }
    }

    test.each([360, 1_280, 3_840])(
      '%i px wide: no violation, no complaint, no request, and each chart once, as it fits',
      async (width) => {
        const { page, complaints } = await open({ width, height: 900 })
        expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(width)
        const charts = await page.locator('.chart').count()
        expect(charts).toBeGreaterThan(10)
        expect(await page.locator('.chart svg:visible').count()).toBe(charts)
        const fitting = `.chart .${width < 500 ? 'narrow' : 'wide'}:visible`
        expect(await page.locator(fitting).count()).toBe(charts)
        // Beyond that the page only has more room beside it, and its colours are the same at any width.
        if (width <= 1_280) expect(await violations(page)).toEqual([])
        await page.emulateMedia({ colorScheme: 'dark' })
        expect(await backgroundOf(page)).toBe('rgb(26, 30, 37)')
        if (width === 1_280) expect(await violations(page, CONTRAST)).toEqual([])
        expect(complaints).toEqual([])
      },
      60_000
    )

    test('on paper there is no violation, tables are whole, and it is light', async () => {
      const { page } = await open({ width: 794, height: 900 })
      await page.emulateMedia({ media: 'print', colorScheme: 'dark' })
      expect(await violations(page, CONTRAST)).toEqual([])
      const heights = await page.$$eval('.table', (tables) =>
        tables.map(({ scrollHeight, clientHeight }) => scrollHeight - clientHeight)
      )
      expect(Math.max(...heights)).toBeLessThanOrEqual(1)
      const edges = await page.$$eval('table', (tables) =>
        tables.map((table) => table.getBoundingClientRect().right)
      )
      expect(Math.max(...edges)).toBeLessThanOrEqual(794)
      expect(await backgroundOf(page)).toBe('rgb(255, 255, 255)')
      expect((await page.pdf({ format: 'A4' })).length).toBeGreaterThan(50_000)
    }, 60_000)

    test('no name becomes markup, and each is shown', async () => {
      const { page } = opened
      await page.waitForTimeout(100)
      expect(await page.title()).toMatch(/^Calls, /)
      expect(await page.locator('img, a:not(nav a), script').count()).toBe(1)
      expect(await page.locator('style').count()).toBe(1)
      expect(
        await page.$$eval('*', (all) => all.filter((one) => one.hasAttribute('onmouseover')).length)
      ).toBe(0)
      const names = await page.locator('#users tbody th').allTextContents()
      for (const name of HOSTILE) {
        const shown = name.length > 80 ? `${name.slice(0, 79)}…` : name.replace('\u202E', ' ')
        expect(names).toContain(shown)
      }
      expect(bench.html()).not.toContain('\u202E')
    })

    test('a table is sorted by the keyboard, numbers by their value, and back', async () => {
      const { page } = opened
      const button = page.locator('#queues thead button', { hasText: 'Offered' }).first()
      const shown = () =>
        page
          .locator('#queues .stacked tbody td.number:nth-child(4)')
          .evaluateAll((cells) => cells.map((cell) => Number(cell.getAttribute('data-value'))))
      await button.focus()
      await page.keyboard.press('Enter')
      const descending = await shown()
      expect(descending).toEqual(descending.toSorted((a, b) => b - a))
      await page.keyboard.press('Space')
      expect(await shown()).toEqual(descending.toSorted((a, b) => a - b))
      expect(await page.locator('#queues [aria-sort]').getAttribute('aria-sort')).toBe('ascending')
    })

    test('the arrow keys and the pointer tell what a mark is', async () => {
      const { page, complaints } = opened
      const tip = page.locator('#tip')
      await page.locator('#calls .wide').focus()
      await page.keyboard.press('ArrowRight')
      const first = await tip.textContent()
      expect(first).toMatch(/^\w{3} \d+ \w{3}/)
      await page.keyboard.press('ArrowRight')
      expect(await tip.textContent()).not.toBe(first)
      expect(await tip.isVisible()).toBe(true)
      await page.keyboard.press('Escape')
      expect(await tip.isVisible()).toBe(false)
      await page.locator('#week .wide [data-tip]').nth(30).hover()
      expect(await tip.textContent()).toMatch(/^Tue 6:00 to 7:00\n/)
      expect(complaints).toEqual([])
    })

    test('hours that lack data are hatched in every chart over time', async () => {
      const { page } = opened
      for (const id of ['data', 'calls', 'answering', 'trunks', 'pstn', 'failures', 'route-lists']) {
        expect(await page.locator(`#${id} .wide g[fill="url(#hatch)"] rect`).count(), id).toBeGreaterThan(0)
      }
      expect(await page.textContent('.verdict')).toMatch(/^31 of 240 hours lack data \(12\.9 %\)/)
    })

    test('nothing else may run, even if it were there', async () => {
      const { page, complaints } = opened
      await page.evaluate(`
        document.body.append(Object.assign(document.createElement('script'), { textContent: 'document.title = 1' }))
        document.body.append(Object.assign(document.createElement('img'), { src: 'https://example.com/x.png' }))
      `)
      expect(await page.title()).toMatch(/^Calls, /)
      expect(complaints.join('\n')).toMatch(/script-src[\s\S]*img-src|img-src[\s\S]*script-src/)
    })
  }
)

const ALL = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']
/** All that other colours can violate. */
const CONTRAST = ['color-contrast']

/** @param rules the names or the tags of those that count */
async function violations(page: Page, rules = ALL): Promise<string[]> {
  // The page's own policy would refuse it as an element.
  await page.evaluate(AXE)
  return page.evaluate(`axe
    .run(document, { runOnly: ${JSON.stringify(rules)} })
    .then(({ violations }) => violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => id + ': ' + html.slice(0, 200))))`)
}

function backgroundOf(page: Page): Promise<string> {
  return page.evaluate("getComputedStyle(document.querySelector('section')).backgroundColor")
}
