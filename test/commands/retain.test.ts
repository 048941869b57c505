import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { describe, expect, test } from 'vitest'
import { simulatorEnvironment } from '../support/cli.js'
import { commandBench, syncedOnce } from './bench.js'

type Row = Record<string, string | number | null>

const fill = syncedOnce('--source', 'feed')

/** A synced file. */
async function synced() {
  const bench = await commandBench({ recordsPerHour: 5 })
  const { run, folder, sim } = bench
  const env = simulatorEnvironment(sim.url)
  const file = join(folder, 'webex-cdr.db')
  await fill(bench)
  return {
    run: (args: string[], others: NodeJS.ProcessEnv = {}) => run(args, { env: { ...env, ...others } }),
    rows(sql: string, ...parameters: unknown[]): Row[] {
      const database = new Database(file, { readonly: true })
      try {
        return database.prepare(sql).all(...parameters) as Row[]
      } finally {
        database.close()
      }
    },
    /** Whether the file, or what SQLite keeps beside it, has a text anywhere. */
    holds: (text: string) =>
      ['', '-wal', '-shm'].some((end) => existsSync(file + end) && readFileSync(file + end).includes(text))
  }
}

describe('retain', () => {
  test('says what is missing where there is no policy, and takes no wrong one', async () => {
    const { run } = await synced()
    expect(await run(['retain'])).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^webex-cdr: there is no retention policy: set RETAIN_RECORDS, .*\n$/)
    })
    for (const [wrong, said] of [
      [{ RETAIN_RECORDS: '13' }, /RETAIN_RECORDS must be an age, such as “400 days” or “13 months”/],
      [{ RETAIN_RUNS: '2 days' }, /RETAIN_RUNS must be an age of at least 31 days/],
      [{ RETAIN_RECORDS: '9999 years' }, /RETAIN_RECORDS must be an age of at most 100 years/],
      [{ MASK_NUMBERS: '0' }, /MASK_NUMBERS must be hash, or how many digits to cut/],
      [{ MASK_AFTER: '1 day', MASK_NUMBERS: 'hash' }, /MASK_NUMBERS=hash needs a key: set MASK_KEY/]
    ] as const) {
      expect(await run(['retain'], wrong)).toMatchObject({ code: 1, stderr: expect.stringMatching(said) })
    }
    expect(await run(['retain', '--pause', 'long'], { MASK_AFTER: '1 day' })).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('--pause “long” is not a number of milliseconds')
    })
  })

  test('--check explains the policy and counts, and changes nothing', async () => {
    const { run, rows } = await synced()
    const policy = { MASK_AFTER: '1 day', RETAIN_RECORDS: '2 years' }
    const { code, stdout } = await run(['retain', '--check'], policy)
    expect(code).toBe(0)
    const old = rows("SELECT COUNT(*) AS n FROM cdr_records WHERE start_time < datetime('now', '-1 day')")[0]
      ?.n
    expect(stdout).toContain('records older than 2 years are deleted')
    expect(stdout).toContain('records older than 1 day are masked: names, identifiers and addresses removed')
    expect(stdout).toMatch(new RegExp(`^ *${Number(old).toLocaleString('en-US')} records masked$`, 'm'))
    expect(rows('SELECT 1 FROM cdr_records WHERE masked_utc IS NOT NULL')).toEqual([])
  })

  test('masks, and no sync fills it in again', async () => {
    const { run, rows } = await synced()
    const [old] = rows(
      "SELECT * FROM cdr_records WHERE start_time < datetime('now', '-1 day') AND user_number LIKE '+%' ORDER BY id LIMIT 1"
    )
    const { code, stdout } = await run(['retain', '--json'], { MASK_AFTER: '1 day' })
    expect(code).toBe(0)
    const { recordsMasked } = JSON.parse(stdout)
    expect(recordsMasked).toBeGreaterThan(100)
    expect(rows('SELECT * FROM cdr_records WHERE id = ?', old?.id)).toMatchObject([
      { user_name: null, user_id: null, raw_json: null, report_id: old?.report_id }
    ])
    expect(await run(['sync', '--source', 'feed', '--since', '2d'])).toMatchObject({ code: 0 })
    expect(rows('SELECT COUNT(*) AS n FROM cdr_records WHERE masked_utc IS NOT NULL')).toEqual([
      { n: recordsMasked }
    ])
  })
})

describe('erase', () => {
  test('needs to be told whom, and that it may', async () => {
    const { run } = await synced()
    for (const [args, said] of [
      [[], 'erase needs either --user <e-mail or UUID> or --number <number>'],
      [['--user', 'a@b.c', '--number', '12'], 'erase needs either --user'],
      [['--user', 'Ann'], '--user is neither an e-mail address nor a UUID'],
      [['--number', 'Ann'], '--number must be digits'],
      [['--number', '+4930123456'], 'run it on a terminal, or add --yes']
    ] as const) {
      expect(await run(['erase', ...args])).toMatchObject({ code: 2, stderr: expect.stringContaining(said) })
    }
  })

  test('leaves nothing of a person in the file, nor does a sync of ten days bring it back', async () => {
    const { run, rows, holds } = await synced()
    const [ann] = rows(
      "SELECT user_id, user_name, user_number FROM cdr_records WHERE user_number LIKE '+%' GROUP BY user_id ORDER BY COUNT(*) DESC LIMIT 1"
    )
    const traces = [ann?.user_id, ann?.user_name, ann?.user_number].map(String)
    expect(traces.map(holds)).toEqual([true, true, true])
    const others = 'SELECT COUNT(*) AS n FROM cdr_records WHERE masked_utc IS NULL'
    const [{ n: all } = { n: 0 }] = rows(others)
    const { code, stdout, stderr } = await run(['erase', '--user', String(ann?.user_id), '--yes'])
    expect(stderr).toBe('')
    expect(code).toBe(0)
    const [, erased] = /^ +([\d,]+) records: /m.exec(stdout) ?? []
    expect(stdout).toMatch(/^Erased\.$/m)
    expect(traces.map(holds)).toEqual([false, false, false])
    expect(await run(['sync', '--source', 'feed', '--since', '10d'])).toMatchObject({ code: 0 })
    const [{ n: left } = { n: 0 }] = rows(
      `${others} AND ingestion_timestamp < (SELECT MAX(masked_utc) FROM cdr_records)`
    )
    expect(Number(all) - Number(left)).toBe(Number(erased?.replace(',', '')))
  })
})
