import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, onTestFinished, test } from 'vitest'
import { CLI, type Ended, simulatorEnvironment, startCli } from '../support/cli.js'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const DRIVER = 'better-sqlite3'

/** An installation of its own, whose SQLite driver is as `spoil` leaves it. */
function installation(spoil: (driver: string) => void): string {
  const folder = mkdtempSync(join(tmpdir(), 'webex-cdr-driver-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  for (const part of ['package.json', 'dist'])
    cpSync(join(ROOT, part), join(folder, part), { recursive: true })
  const [from, to] = [join(ROOT, 'node_modules'), join(folder, 'node_modules')]
  mkdirSync(to)
  for (const name of readdirSync(from)) {
    if (!name.startsWith('.') && name !== DRIVER) symlinkSync(join(from, name), join(to, name))
  }
  for (const part of ['package.json', 'lib']) {
    cpSync(join(from, DRIVER, part), join(to, DRIVER, part), { recursive: true })
  }
  spoil(join(to, DRIVER))
  return folder
}

function putAddon(driver: string, content: string | Buffer): void {
  const folder = join(driver, 'build', 'Release')
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'better_sqlite3.node'), content)
}

/** What Node.js 22 says of an addon that was built for Node.js 20. */
const OF_ANOTHER_NODE = `process.dlopen=()=>{throw Object.assign(new Error("The module '/x/better_sqlite3.node'\\nwas compiled against a different Node.js version using\\nNODE_MODULE_VERSION 115. This version of Node.js requires\\nNODE_MODULE_VERSION 127. Please try re-compiling or re-installing\\nthe module (for instance, using \`npm rebuild\` or \`npm install\`)."),{code:'ERR_DLOPEN_FAILED'})}`

const FAULTS: [what: string, remedy: string, spoil: (driver: string) => void, options?: string][] = [
  [
    'built for another version of Node.js',
    'it was built for another version of Node.js; run `npm ci` with this Node.js',
    (driver) => putAddon(driver, ''),
    `--import data:text/javascript,${encodeURIComponent(OF_ANOTHER_NODE)}`
  ],
  [
    'not built',
    'it was not built when it was installed; run `npm ci` where install scripts are allowed, or `npm rebuild better-sqlite3`',
    () => {}
  ],
  [
    'built for another system',
    'it was built for another system; run `npm ci` here: node_modules cannot be copied from another system',
    (driver) => putAddon(driver, Buffer.alloc(4_096, 'x'))
  ],
  ['not installed', 'it is not installed; run `npm ci`', (driver) => rmSync(driver, { recursive: true })]
]

describe.each(FAULTS)('a SQLite driver that is %s', (what, remedy, spoil, options = '') => {
  const fault = `the SQLite driver (better-sqlite3) cannot be loaded by Node.js ${process.version}, ${process.execPath}: ${remedy}`

  /** Programs by its links, or they would find the driver of this repository. */
  const run = (folder: string, args: string[], env: NodeJS.ProcessEnv = {}): Promise<Ended> =>
    startCli(
      args,
      { NODE_OPTIONS: `--preserve-symlinks ${options}`, ...env },
      folder,
      undefined,
      join(folder, 'dist/src/cli.js')
    ).ended

  test('is one remedy in every command, and no file is made', async () => {
    const folder = installation(spoil)
    const database = join(folder, 'webex-cdr.db')
    expect((await run(folder, ['migrate'])).stderr).toBe(`webex-cdr: ${fault}\n`)
    expect(existsSync(database)).toBe(false)
    // That every command says it, the first fault shows.
    if (what !== FAULTS[0]?.[0]) return
    const { code, stdout } = await run(folder, ['doctor'])
    expect(code).toBe(1)
    expect(stdout).toContain(`failure  SQLite driver   ${fault}\n`)
    // It does not blame the database.
    expect(stdout).not.toMatch(/DATABASE_URL|^\w+ +database /m)
    writeFileSync(database, '')
    const env = simulatorEnvironment('http://127.0.0.1:9/v1')
    for (const args of [['stats'], ['sync'], ['setup', '--check']]) {
      expect(await run(folder, args, env), args.join(' ')).toMatchObject({
        code: 1,
        stderr: `webex-cdr: ${fault}\n`
      })
    }
  }, 60_000)
})

test('a driver that is sound is told with its version, and no other database needs it', async () => {
  const folder = installation((driver) => rmSync(driver, { recursive: true }))
  const env = { DATABASE_URL: 'mssql://cdr:pw@127.0.0.1:9/calls', NODE_OPTIONS: '--preserve-symlinks' }
  const program = join(folder, 'dist/src/cli.js')
  const { stdout } = await startCli(['doctor'], env, folder, undefined, program).ended
  expect(stdout).toMatch(/^failure {2}database /m)
  expect(stdout).not.toContain('SQLite')
  const here = await startCli(['doctor'], {}, folder, undefined, CLI).ended
  expect(here.stdout).toMatch(/^ok {7}SQLite driver {3}SQLite 3\.\d+\.\d+\n/m)
}, 60_000)
