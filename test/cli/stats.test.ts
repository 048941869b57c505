import { existsSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { expect, test } from 'vitest'
import { setUp } from './bench.js'

test('shows records, watermark, runs, and warns of a gap and of open errors', async () => {
  const { run, migrate, file, folder } = await setUp()
  await migrate()
  await run(['sync'])
  const writer = new Database(file)
  writer.exec(`
    INSERT INTO cdr_sync_errors (error_type, scope, range_start_utc, range_end_utc, recovered) VALUES
      ('Gap', 'all locations', '2026-01-01 00:00:00.000', '2026-01-02 00:00:00.000', 0),
      ('Gap', 'all locations', '2025-01-01 00:00:00.000', '2025-01-02 00:00:00.000', 1),
      ('TemporaryError', 'all locations', NULL, NULL, 0),
      ('TemporaryError', 'all locations', NULL, NULL, 1)`)
  writer.close()
  const people = await run(['stats'])
  expect(people.code).toBe(0)
  for (const words of [
    'Watermarks',
    'all locations',
    'succeeded',
    'ORIGINATING',
    'WARNING: calls that began from 2026-01-01T00:00:00.000Z',
    'WARNING: 1 TemporaryError'
  ]) {
    expect(people.stdout).toContain(words)
  }
  expect(people.stdout).not.toContain('2025-01-01')
  const machine = JSON.parse((await run(['stats', '--json'])).stdout)
  expect(machine).toMatchObject({
    database: `SQLite file ${file}`,
    records: { total: expect.any(Number) },
    watermarks: [
      { source: 'cdr_feed', scope: 'all locations', lagSeconds: expect.any(Number) },
      { source: 'cdr_stream', scope: 'all locations', lagSeconds: expect.any(Number) }
    ],
    gaps: [{ start: '2026-01-01T00:00:00.000Z' }],
    openErrors: [
      { type: 'Gap', count: 1 },
      { type: 'TemporaryError', count: 1 }
    ]
  })
  expect(existsSync(join(folder, 'webex-cdr.db'))).toBe(true)
})
