import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { beforeAll, describe, expect, test } from 'vitest'
import { COMMANDS } from '../src/commands/index.js'
import { namesOf } from '../src/commands/read-options.js'
import { SETTING_NAMES } from '../src/config/settings.js'

const SOURCE = fileURLToPath(new URL('../src', import.meta.url))
const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')
let folder: string

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'webex-cdr-docs-'))
  return () => rmSync(folder, { recursive: true })
})

describe('README', () => {
  test('names the commands of the program, in its order, and no other', () => {
    const rows = [...readme.matchAll(/^\| `npm run (?:--silent )?([a-z][a-z-]+)[^|]* \|/gm)].map(
      ([, name]) => name
    )
    const names = COMMANDS.map(({ name }) => name)
    expect([...new Set(rows)]).toEqual(names)
    const named = [...readme.matchAll(/npm run (?:--silent )?([a-z][a-z-]+)/g)].map(([, name]) => name)
    expect([...new Set(named)].sort()).toEqual(names.toSorted())
  })

  test('tells of scripts that package.json has', () => {
    const { scripts } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'))
    for (const { name } of COMMANDS) expect(scripts[name]).toBe(`node dist/src/cli.js ${name}`)
  })

  test.each(COMMANDS.map((command) => [command.name, command] as const))(
    'names every option of %s in its rows, and none that it has not',
    (name, { options, argument }) => {
      const rows =
        readme.match(new RegExp(`^\\| \`npm run (?:--silent )?${name}\\b.*$`, 'gm'))?.join('\n') ?? ''
      const named = rows.replaceAll('--silent', '').match(/(?<![\w-])(?:--[a-z][a-z-]+|-[a-z](?!\w))/g)
      const flags = Object.values(options).flatMap(([usage]) => namesOf(usage))
      expect([...new Set(named)].sort()).toEqual(flags.toSorted())
      for (const word of argument?.match(/\w+/g) ?? []) expect(rows).toMatch(new RegExp(`\\b${word}\\b`))
    }
  )

  test('names no option elsewhere that no command has', () => {
    const flags = new Set(COMMANDS.flatMap(({ options }) => Object.values(options).map(([usage]) => usage)))
    const known = [...flags].flatMap((usage) => namesOf(usage)).concat('--help', '--silent')
    const named = readme.match(/(?<![\w-])--[a-z][a-z-]+/g) ?? []
    expect(named.filter((flag) => !known.includes(flag))).toEqual([])
  })

  test('has a row for every setting, with its default', async () => {
    const rows = [...readme.matchAll(/^\| `([A-Z_]+)` +\| +(?:`([^`]*)` +)?\|/gm)].map(
      ([, name, value]) => [name, value] as const
    )
    expect(rows.map(([name]) => name)).toEqual(SETTING_NAMES)
    const { loadSettings } = await import('../src/config/settings.js')
    const defaults = Object.fromEntries(rows.filter(([, value]) => value !== undefined))
    expect(loadSettings(defaults)).toEqual(loadSettings({}))
  })

  test('says what the program says when something is wrong', () => {
    const source = readdirSync(SOURCE, { recursive: true, encoding: 'utf8' })
      .filter((path) => path.endsWith('.ts'))
      .map((path) => readFileSync(join(SOURCE, path), 'utf8'))
      .join('\n')
    const table = readme.slice(readme.search(/^\| It says +\| Do/m))
    const messages = [...table.matchAll(/^\| (`[^|]+`)(?:, …)? +\|/gm)].flatMap(([, cell = '']) =>
      [...cell.matchAll(/`([^`]+)`/g)].map(([, message = '']) => message)
    )
    expect(messages.length).toBeGreaterThan(6)
    for (const message of messages) {
      const words = message
        .split(/…|WEBEX_CLIENT_ID, |\b10 migrations|(?<=accept the )/)
        .map((part) => part.trim())
        .filter(Boolean)
      for (const part of words) expect(source.includes(part), part).toBe(true)
    }
  })
})

test('TypeORM’s own tools read the data source, as README says', async () => {
  const { execFileSync } = await import('node:child_process')
  const shown = execFileSync(
    process.execPath,
    ['node_modules/typeorm/cli.js', 'migration:show', '-d', 'dist/ormconfig.js'],
    {
      cwd: new URL('..', import.meta.url),
      env: { PATH: process.env.PATH, DATABASE_URL: `sqlite:${join(folder, 'typeorm.db')}` },
      encoding: 'utf8'
    }
  )
  expect(shown.match(/^\[ \] \w+\d{13}$/gm)).toHaveLength(10)
})
