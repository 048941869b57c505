import { expect, test } from 'vitest'
import { readOptions } from '../../src/commands/read-options.js'
import { sync } from '../../src/commands/sync.js'
import { type SyncOptions, syncRequest } from '../../src/commands/sync-request.js'
import { UsageError } from '../../src/errors.js'

const NOW = Date.parse('2026-11-24T12:00:00Z')

const request = (...words: string[]) => syncRequest(readOptions(sync, words).options as SyncOptions, NOW)

test('without options a sync reads both sources from the watermark on', () => {
  expect(request()).toEqual({
    source: 'auto',
    since: undefined,
    until: undefined,
    lookback: undefined,
    locations: [],
    fillGaps: false,
    dryRun: false
  })
})

test.each<[string[], object]>([
  [
    ['--since', '2d', '--until', '2026-11-23'],
    { since: Date.parse('2026-11-22T12:00:00Z'), until: Date.parse('2026-11-23') }
  ],
  [
    ['--source', 'feed', '--lookback', '30m', '--dry-run'],
    { source: 'feed', lookback: 1_800_000, dryRun: true }
  ],
  [['--locations', 'A', 'B', 'A'], { locations: ['A', 'B'] }],
  [['--fill-gaps', '--dry-run', '--locations', 'A'], { fillGaps: true, dryRun: true, locations: ['A'] }],
  [['--retry-quarantined', '--json'], {}]
])('%j', (words, expected) => {
  expect(request(...words)).toMatchObject(expected)
})

test.each([
  [['--since', '2999-01-01'], '--since 2999-01-01 is in the future'],
  [['--since', 'yesterday'], '--since “yesterday” is not a time'],
  [['--lookback', '5'], '--lookback “5” is not a duration'],
  [['--locations', ...'abcdefghijk'], '--locations takes 1 to 10 names, not 11'],
  [['--locations', ' '], '--locations has an empty name'],
  [['--until', '1d'], '--until needs --since'],
  [
    ['--since', '2d', '--until', '1d', '--lookback', '1h'],
    '--until cannot be used with --lookback: a backfill'
  ],
  ...[
    ['--source', 'feed'],
    ['--since', '1d'],
    ['--lookback', '1h']
  ].map(
    (other) => [['--fill-gaps', ...other], `--fill-gaps cannot be used with ${other[0]}: it fetches`] as const
  ),
  ...[
    ['--source', 'feed'],
    ['--since', '1d'],
    ['--lookback', '1h'],
    ['--locations', 'A'],
    ['--dry-run'],
    ['--fill-gaps']
  ].map(
    (other) =>
      [['--retry-quarantined', ...other], `--retry-quarantined cannot be used with ${other[0]}: it`] as const
  ),
  ...[
    ['--source', 'feed'],
    ['--since', '1d'],
    ['--lookback', '1h'],
    ['--locations', 'A'],
    ['--accept-gap', '2d', '1d'],
    ['--retry-quarantined'],
    ['--fill-gaps']
  ].map(
    (other) =>
      [
        ['--history', '90d', ...other],
        `--history cannot be used with ${other[0]}: reports have the calls of all locations`
      ] as const
  )
] as const)('%j is refused', (words, message) => {
  expect(() => request(...words)).toThrow(UsageError)
  expect(() => request(...words)).toThrow(message)
})
