import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'

const root = new URL('../../', import.meta.url)
const read = (path: string) => readFileSync(new URL(path, root), 'utf8')
const page = read('docs/RELIABILITY.md')

describe('docs/RELIABILITY.md', () => {
  test('names tests that exist', () => {
    const named = [...page.matchAll(/`(test\/[\w/-]+\.test\.ts)`(?:: ([^|\n]+?)(?= \||\.$))?/gm)]
    expect(named.length).toBeGreaterThan(20)
    for (const [, file = '', name] of named) {
      const source = read(file)
      if (name !== undefined) expect(source, `${file}: ${name}`).toContain(`'${name}'`)
    }
  })

  test('lists the moments at which a run is killed, as its test has them', () => {
    const section = /## When it is ended\n(.*?)\n## /s.exec(page)?.[1] ?? ''
    const listed = [...section.matchAll(/^- (.+)$/gm)].map(([, moment]) => moment)
    const moments = read('test/contract/killed.test.ts').match(/MOMENTS.*?=\s*\[(.*?)\n\]/s)?.[1] ?? ''
    expect(listed).toEqual([...moments.matchAll(/^ {2}\['([^']+)',/gm)].map(([, moment]) => moment))
  })

  test.each([
    ['src/config/settings.ts', /WEBEX_TIMEOUT_SECONDS: wholeNumber\(60,/, '60 s (`WEBEX_TIMEOUT_SECONDS`)'],
    ['src/webex/http.ts', /ATTEMPTS = 3\n/, '| 3, with a backoff of 60 s at most |'],
    ['src/webex/http.ts', /LONGEST_BACKOFF = 60_000\n/, '| 3, with a backoff of 60 s at most |'],
    ['src/webex/http.ts', /LONGEST_RATE_LIMIT_WAIT = 60 \* 60_000\n/, 'an hour in all'],
    ['src/webex/http.ts', /LARGEST_BODY = 64 \* 1024 \* 1024\n/, '| 64 MB |'],
    ['src/webex/cdr-source.ts', /MOST_PAGES = 10_000\n/, '| 10,000;'],
    ['src/database/transaction.ts', /PATIENCE = 120_000\n/, '| 120 s;'],
    ['src/record/drift.ts', /MOST_OF_A_PAGE = 200\n/, '200 rows of'],
    ['src/store/drift.ts', /MOST_ROWS = 1_000\n/, '1,000 in all'],
    ['src/store/quarantine.ts', /records: 1_000, share: 0\.05, few: 20 /, 'More than 5 % of a run'],
    ['src/coverage/rules.ts', /most: 7 \* DAY/, '7 days at most']
  ])('%s has the bound that it tells: %s', (file, constant, words) => {
    expect(read(file)).toMatch(constant)
    expect(page).toContain(words)
  })
})
