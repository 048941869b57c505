import { describe, expect, expectTypeOf, test } from 'vitest'
import { defineCommand, type OptionsOf } from '../../src/commands/command.js'
import { COMMANDS } from '../../src/commands/index.js'
import { refuseKeptByNpm, refuseTogether, refuseWith, requireFor } from '../../src/commands/option-rules.js'
import { namesOf, readOptions } from '../../src/commands/read-options.js'
import { UsageError } from '../../src/errors.js'

const fetch = defineCommand({
  name: 'fetch',
  summary: 'For this test',
  argument: '<all|new>',
  options: {
    since: ['--since <when>', ''],
    output: ['-o, --output <file>', ''],
    source: ['--source <feed|stream>', ''],
    locations: ['--locations <names...>', ''],
    acceptGap: ['--accept-gap <start> <end>', ''],
    dryRun: ['--dry-run', '']
  },
  examples: [],
  run: async (_options, argument) => {
    expectTypeOf(argument).toEqualTypeOf<'all' | 'new'>()
    return 0
  }
})
const nothing = {
  since: undefined,
  output: undefined,
  source: undefined,
  locations: [],
  acceptGap: undefined,
  dryRun: false,
  help: false
}

const read = (...words: string[]) => readOptions(fetch, ['all', ...words]).options

test('the type of the values follows from the declaration', () => {
  expectTypeOf<OptionsOf<typeof fetch>>().toEqualTypeOf<{
    since: string | undefined
    output: string | undefined
    source: 'feed' | 'stream' | undefined
    locations: string[]
    acceptGap: [string, string] | undefined
    dryRun: boolean
  }>()
})

describe('reads', () => {
  test.each<[string[], object]>([
    [[], {}],
    [['--since', '007'], { since: '007' }],
    [['--since=-1=\n2'], { since: '-1=\n2' }],
    [['--since='], { since: '' }],
    [['--since', ''], { since: '' }],
    [['--since', '-', '--dry-run'], { since: '-', dryRun: true }],
    [['--dry-run', '--dry-run'], { dryRun: true }],
    [['-o', 'x.sql'], { output: 'x.sql' }],
    [['--output=x.sql'], { output: 'x.sql' }],
    [['--source', 'feed'], { source: 'feed' }],
    [['--locations', 'Main Office', 'Branch 1'], { locations: ['Main Office', 'Branch 1'] }],
    [['--locations', 'A', '--locations', 'B', 'C'], { locations: ['A', 'B', 'C'] }],
    [
      ['--locations', 'Paris, Texas', '007', '--since', '1d'],
      { locations: ['Paris, Texas', '007'], since: '1d' }
    ],
    [['--locations=Main Office', '--locations=B'], { locations: ['Main Office', 'B'] }],
    [['--accept-gap', '1d', '2d', '--dry-run'], { acceptGap: ['1d', '2d'], dryRun: true }],
    [['--accept-gap=1d', '2d'], { acceptGap: ['1d', '2d'] }]
  ])('%j', (words, expected) => {
    expect(read(...words)).toEqual({ ...nothing, ...expected })
  })

  test('the argument, wherever it stands', () => {
    expect(readOptions(fetch, ['--since', '1d', 'new'])).toMatchObject({
      argument: 'new',
      options: { since: '1d' }
    })
  })

  test('a question for help, which needs no argument', () => {
    for (const word of ['-h', '--help']) expect(readOptions(fetch, [word])).toMatchObject({ isHelp: true })
    expect(() => readOptions(fetch, ['--help', '--foo'])).toThrow('unknown option --foo')
  })
})

describe('refuses', () => {
  const usage = '`npm run fetch -- --help` shows the usage'
  const lists = '`npm run fetch -- --help` lists the options'
  test.each<[string[], string]>([
    [['all', '--foo'], `unknown option --foo; ${lists}`],
    [['all', '--foo=1'], `unknown option --foo; ${lists}`],
    [['all', '-x'], `unknown option -x; ${lists}`],
    [['all', '-since', '1d'], `unknown option -since; ${lists}`],
    [['all', '--dryRun'], `unknown option --dryRun; ${lists}`],
    [['all', '--', '--dry-run'], `unknown option --; ${lists}`],
    [['all', 'more'], `unexpected argument “more”; ${usage}`],
    [['all', '--dry-run', '0'], `unexpected argument “0”; ${usage}`],
    [['all', '--locations=A', 'B'], `unexpected argument “B”; ${usage}`],
    [['all', '--dry-run=false'], '--dry-run takes no value'],
    [['all', '--since'], '--since needs a value: --since <when>'],
    [['all', '--since', '--dry-run'], '--since needs a value: --since <when>'],
    [['all', '-o'], '-o needs a value: -o, --output <file>'],
    [['all', '--locations', '--dry-run'], '--locations needs a value: --locations <names...>'],
    [['all', '--accept-gap', '1d'], '--accept-gap needs 2 values: --accept-gap <start> <end>'],
    [['all', '--accept-gap', '1d', '2d', '3d'], `unexpected argument “3d”; ${usage}`],
    [['all', '--since', '1d', '--since=1d'], '--since can be given only once'],
    [['all', '-o', 'a', '--output', 'b'], '--output can be given only once'],
    [['all', '--source', 'file'], '--source must be feed or stream, not “file”'],
    [['all', '--source='], '--source must be feed or stream, not “”'],
    [['all', '--source', 'feed|stream'], '--source must be feed or stream, not “feed|stream”'],
    [[], 'fetch needs an argument: all or new'],
    [['some'], 'unknown argument “some”: fetch takes all or new']
  ])('%j', (words, message) => {
    expect(() => readOptions(fetch, words)).toThrow(new UsageError(message))
  })

  test('an argument of a command that has none', () => {
    const { argument: _, ...without } = fetch
    expect(() => readOptions(without, ['all'])).toThrow('unexpected argument “all”')
  })
})

describe('rules', () => {
  test('of options that exclude each other', () => {
    const together = (...words: string[]) =>
      refuseTogether<OptionsOf<typeof fetch>>({ ...nothing, ...read(...words) }, [
        'since',
        'locations',
        'dryRun'
      ])
    expect(() => together()).not.toThrow()
    expect(() => together('--locations', 'A', '--output', 'b')).not.toThrow()
    expect(() => together('--dry-run', '--since=')).toThrow(
      new UsageError('--since cannot be used with --dry-run')
    )
    const alone = { ...nothing, acceptGap: ['1d', '2d'], dryRun: true }
    expect(() => refuseWith(alone, 'acceptGap', ['since', 'dryRun'], 'it says so')).toThrow(
      new UsageError('--accept-gap cannot be used with --dry-run: it says so')
    )
    expect(() => refuseWith({ ...alone, dryRun: false }, 'acceptGap', ['since', 'dryRun'])).not.toThrow()
  })

  test('of an option that needs another one', () => {
    expect(() => requireFor({ ...nothing, output: 'x' }, 'dryRun', ['since', 'output'])).toThrow(
      new UsageError('--output needs --dry-run')
    )
    expect(() => requireFor({ ...nothing, output: 'x', dryRun: true }, 'dryRun', ['output'])).not.toThrow()
    expect(() => requireFor(nothing, 'dryRun', ['since', 'output'])).not.toThrow()
  })

  test('an option that npm kept for itself is not taken for absent', () => {
    const env = { npm_lifecycle_event: 'fetch', npm_config_dry_run: 'true', npm_config_since: '1d' }
    const kept = (variables: NodeJS.ProcessEnv, ...words: string[]) =>
      refuseKeptByNpm(variables, fetch, words)
    expect(() => kept(env, '--since=1d')).toThrow(
      'npm took --dry-run as an option of its own: run `npm run fetch -- --dry-run`, or remove it from .npmrc and npm_config_dry_run'
    )
    expect(() => kept(env, '--since', '1d', '--dry-run')).not.toThrow()
    expect(() => kept({ ...env, npm_lifecycle_event: undefined })).not.toThrow()
    expect(() => kept({ npm_lifecycle_event: 'fetch' })).not.toThrow()
  })
})

describe.each(COMMANDS.map((command) => [command.name, command] as const))('%s', (_, command) => {
  test('declares each option under its long name', () => {
    const camelCase = (name: string) =>
      name.slice(2).replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase())
    for (const [key, [usage]] of Object.entries(command.options)) {
      const names = namesOf(usage)
      expect(camelCase(names.at(-1) ?? ''), usage).toBe(key)
      expect(usage).toMatch(/^(-[a-z], )?--[a-z-]+( <[^<>]+>){0,2}$/)
    }
  })

  test('has examples that it takes', () => {
    expect(command.examples.length).toBeGreaterThan(0)
    for (const example of command.examples) {
      const [, name, words = ''] = /^npm run ([\w-]+)(?: -- (.+))?$/.exec(example) ?? []
      expect(name).toBe(command.name)
      const typed = [...words.matchAll(/"([^"]*)"|\S+/g)].map(([word, quoted]) => quoted ?? word)
      expect(() => readOptions(command, typed)).not.toThrow()
    }
  })
})
