import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const root = fileURLToPath(new URL('..', import.meta.url))
const files = readdirSync(`${root}/src`, { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.ts'))
  .map((path) => `src/${path.replaceAll('\\', '/')}`)

interface Cruise {
  modules: { source: string }[]
  summary: { violations: { rule: { name: string }; from: string; to: string; cycle?: { name: string }[] }[] }
}

test('imports are as .dependency-cruiser.mjs has them: `npx depcruise src`', () => {
  const { modules, summary } = cruise()
  expect(
    summary.violations.map(({ rule, from, to, cycle }) =>
      [`${rule.name}: ${from}`, ...(cycle?.map(({ name }) => name) ?? [to])].join(' → ')
    )
  ).toEqual([])
  // Without a parser for TypeScript it would find no file, and nothing wrong.
  expect(modules.map(({ source }) => source)).toEqual(expect.arrayContaining(files))
})

test('no file but a migration is longer than 250 lines', () => {
  const lines = (path: string) => readFileSync(`${root}/${path}`, 'utf8').split('\n').length - 1
  expect(files.filter((path) => !path.startsWith('src/migrations/') && lines(path) > 250)).toEqual([])
})

function cruise(): Cruise {
  const program = 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs'
  return JSON.parse(
    execFileSync(process.execPath, [program, 'src', '--output-type', 'json'], {
      cwd: root,
      encoding: 'utf8',
      maxBuffer: 64 * 1024 * 1024
    })
  )
}
