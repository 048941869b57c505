import { describe, expect, test } from 'vitest'
import { checkNpmKeptNothing, flagValue, flagValues, oneOf, repeatFlag } from '../src/flags.js'

const locations = (...argv: string[]) => flagValues(repeatFlag(argv, '--locations'), '--locations')

describe('--locations', () => {
  test.each([
    [
      ['sync', '--locations', 'Main Office', 'Branch 1'],
      ['Main Office', 'Branch 1']
    ],
    [
      ['sync', '--locations', 'Main Office', '--locations', 'Branch 1'],
      ['Main Office', 'Branch 1']
    ],
    [['sync', '--locations=Main Office', '--json'], ['Main Office']],
    [
      ['sync', '--locations', 'A', 'B', '--since', '1d'],
      ['A', 'B']
    ],
    [
      ['sync', '--locations', 'Paris, Texas', '007'],
      ['Paris, Texas', '007']
    ],
    [['sync', '--json'], []]
  ])('%j', (argv, expected) => {
    expect(locations(...argv)).toEqual(expected)
  })

  test('leaves the values of other flags alone', () => {
    expect(
      repeatFlag(['sync', '--since', '1d', '--locations', 'A', 'B', '--until', '2d'], '--locations')
    ).toEqual([...['sync', '--since', '1d', '--locations', 'A', '--locations', 'B', '--until', '2d']])
  })
})

test('flagValue keeps what was typed, and refuses it twice', () => {
  expect(flagValue(['--seed', '007'], '--seed')).toBe('007')
  expect(flagValue(['--seed='], '--seed')).toBe('')
  expect(flagValue([], '--seed')).toBeUndefined()
  expect(() => flagValue(['--seed', '1', '--seed=2'], '--seed')).toThrow('--seed is given 2 times')
})

test('flagValue takes a flag under its other name too', () => {
  expect(flagValue(['-o', 'x.sql'], '--output', '-o')).toBe('x.sql')
  expect(flagValue(['--output=x.sql'], '--output', '-o')).toBe('x.sql')
  expect(() => flagValue(['-o', 'x', '--output', 'y'], '--output', '-o')).toThrow('--output is given 2 times')
})

test('oneOf refuses two of which only one may stand', () => {
  const flags = ['--check', '--baseline']
  expect(oneOf(['migrate', '--baseline=X'], flags)).toBe('--baseline')
  expect(oneOf(['migrate', '--checks'], flags)).toBeUndefined()
  expect(() => oneOf(['--baseline', 'X', '--check'], flags)).toThrow('--check does not go with --baseline')
})

test('a flag that npm kept for itself is not taken for absent', () => {
  const flags = ['--dry-run', '--since <when>']
  const argv = ['node', 'cli.js', 'sync']
  const env = { npm_lifecycle_event: 'sync', npm_config_dry_run: 'true' }
  expect(() => checkNpmKeptNothing(env, argv, flags)).toThrow(
    'npm kept --dry-run for itself: write `npm run sync -- --dry-run`'
  )
  expect(() => checkNpmKeptNothing(env, [...argv, '--dry-run'], flags)).not.toThrow()
  expect(() => checkNpmKeptNothing({ npm_config_dry_run: 'true' }, argv, flags)).not.toThrow()
  expect(() => checkNpmKeptNothing({ npm_lifecycle_event: 'sync' }, argv, flags)).not.toThrow()
})
