import { execFileSync } from 'node:child_process'
import { chmodSync, chownSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { describe, expect, onTestFinished, test } from 'vitest'
import { cli, type Ended, simulatorEnvironment } from '../support/cli.js'
import { canMount, mountReadOnly } from '../support/mount.js'
import { AS_NOBODY, isRoot, NOBODY } from '../support/nobody.js'
import { commandBench, syncedOnce } from './bench.js'

const READING = [
  ['stats'],
  ['stats', '--json'],
  ['health'],
  ['migrate', '--check'],
  ['doctor'],
  ['doctor', '--json']
]

const fill = syncedOnce()

/** A synced file of root's, and who may read it. */
async function synced() {
  const bench = await commandBench({ recordsPerHour: 5 })
  const { run, folder, sim } = bench
  const env = simulatorEnvironment(sim.url)
  await fill(bench)
  const database = join(folder, 'webex-cdr.db')
  for (const path of [join(folder, '..'), folder]) chmodSync(path, 0o755)
  const share = () => {
    for (const name of readdirSync(folder)) chmodSync(join(folder, name), 0o644)
  }
  share()
  const home = mkdtempSync(join(tmpdir(), 'webex-cdr-reader-'))
  chmodSync(home, 0o755)
  onTestFinished(() => rmSync(home, { recursive: true }))
  const asReader = (args: string[], path = database): Promise<Ended> =>
    cli(args, { ...AS_NOBODY, DATABASE_URL: `sqlite:${path}` }, home)
  return { run, env, folder, database, share, asReader }
}

/** What lies there and what is in it. */
function contentOf(folder: string): [string, string][] {
  return readdirSync(folder).map((name) => [name, readFileSync(join(folder, name)).toString('base64')])
}

async function expectAllToRead(run: (args: string[]) => Promise<Ended>): Promise<void> {
  for (const args of READING) {
    const ended = await run(args)
    expect(ended.code, `${args.join(' ')}: ${ended.stderr}${ended.stdout}`).toBe(0)
  }
}

describe.runIf(isRoot)('an account that may only read (skipped unless root runs the tests)', () => {
  test('looks at a file that nobody has open, and leaves all as it was', async () => {
    const { asReader, folder, run } = await synced()
    const before = contentOf(folder)
    await expectAllToRead(asReader)
    expect(contentOf(folder)).toEqual(before)
    const { stdout } = await asReader(['stats'])
    expect(stdout).toBe((await run(['stats'])).stdout)
  }, 60_000)

  test('looks by its group, as docs/SECURITY.md has it, also at files that came later', async () => {
    const { asReader, database, folder, run, env } = await synced()
    const page = readFileSync(new URL('../../docs/SECURITY.md', import.meta.url), 'utf8')
    const lines = /```sh\ncd \/opt\/webex-cdr\n(sudo chgrp[\s\S]*?)sudo -u/.exec(page)?.[1] ?? ''
    const script = lines.replaceAll('sudo ', '').replaceAll('monitoring', String(NOBODY))
    execFileSync('sh', ['-ec', script], { cwd: folder })
    await expectAllToRead(asReader)
    for (const end of ['-wal', '-shm']) rmSync(`${database}${end}`)
    expect((await run(['sync'], { env })).code).toBe(0)
    await expectAllToRead(asReader)
    expect(statSync(`${database}-shm`)).toMatchObject({ gid: NOBODY })
    expect(statSync(database).mode & 0o777).toBe(0o640)
  }, 60_000)

  test('is told by doctor what was not tried, and no more', async () => {
    const { asReader, database } = await synced()
    const { stdout } = await asReader(['doctor'])
    expect(stdout).toContain(
      `warning  database        SQLite file ${database}: this user has read access only; sync needs write access\n`
    )
    expect(stdout).toMatch(/^warning {2}secrets /m)
    expect(stdout).toMatch(/^ok {7}watermark /m)
    expect(stdout).toMatch(
      /\nwarning {2}token {11}not tested, nor was the lease: this user has read access only\nNo problems found, /
    )
  }, 60_000)

  test('sees what a sync at work has stored, and does not keep it from its work', async () => {
    const { asReader, database } = await synced()
    const writer = new Database(database)
    onTestFinished(() => void writer.close())
    writer.pragma('wal_autocheckpoint = 0')
    writer.exec(`UPDATE cdr_sync_state SET notes = 'stored a moment ago'`)
    writer.exec('BEGIN IMMEDIATE')
    await expectAllToRead(asReader)
    expect((await asReader(['stats', '--json'])).stdout).toContain('stored a moment ago')
    writer.exec('COMMIT')
  }, 60_000)

  test('looks at what a sync left that was killed', async () => {
    const { asReader, database } = await synced()
    const driver = createRequire(import.meta.url).resolve('better-sqlite3')
    const code = `const database = new (require(${JSON.stringify(driver)}))(${JSON.stringify(database)})
      database.exec("UPDATE cdr_sync_state SET notes = 'stored before the kill'")
      process.kill(process.pid, 'SIGKILL')`
    try {
      execFileSync(process.execPath, ['-e', code], { stdio: 'ignore' })
    } catch {
      // It is killed.
    }
    await expectAllToRead(asReader)
    expect((await asReader(['stats', '--json'])).stdout).toContain('stored before the kill')
  }, 60_000)

  test('is told who can help where SQLite has left nothing beside the file', async () => {
    const { asReader, database, folder, run } = await synced()
    for (const end of ['-wal', '-shm']) rmSync(`${database}${end}`)
    const refusal = `SQLite file ${database} cannot be read: ${database}-shm, which SQLite needs, is missing, and this user cannot create it in ${folder} (EACCES); run \`npm run stats\` once as the user who syncs, which creates it`
    for (const args of [['stats'], ['health'], ['migrate', '--check']]) {
      expect(await asReader(args), args.join(' ')).toMatchObject({
        code: 1,
        stderr: `webex-cdr: ${refusal}\n`
      })
    }
    expect((await asReader(['doctor'])).stdout).toContain(`failure  database        ${refusal}\n`)
    expect(await run(['stats'])).toMatchObject({ code: 0 })
    await expectAllToRead(asReader)
  }, 60_000)

  test.each([
    ['the file', (database: string) => database],
    ['what lies beside it', (database: string) => `${database}-shm`]
  ])(
    'is told which file it may not read: %s',
    async (_, which) => {
      const { asReader, database } = await synced()
      chmodSync(which(database), 0o600)
      expect(await asReader(['stats'])).toMatchObject({
        code: 1,
        stderr: `webex-cdr: SQLite file ${database} cannot be read: this user needs read access to ${which(database)} (EACCES); docs/SECURITY.md lists the permissions of a read-only account\n`
      })
    },
    60_000
  )

  test('is told that it may not look into the folder', async () => {
    const { asReader, database, folder } = await synced()
    chmodSync(folder, 0o700)
    expect(await asReader(['health'])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining(`this user needs read access to ${database} (EACCES)`)
    })
  }, 60_000)

  test('writes nothing by the other commands', async () => {
    const { asReader, folder, database } = await synced()
    const before = contentOf(folder)
    const secrets = ['--client-id', 'C1', '--client-secret', 's', '--refresh-token', 'r']
    for (const args of [
      ['sync', '--retry-quarantined'],
      ['setup', ...secrets, '--check']
    ]) {
      expect(await asReader(args), args.join(' ')).toMatchObject({
        code: 1,
        stderr: expect.stringContaining(`this user needs read and write access to ${database} (EACCES)`)
      })
    }
    expect(contentOf(folder)).toEqual(before)
  }, 60_000)
})

test.runIf(isRoot)(
  'users who share a file by its group sync in turn (skipped unless root runs the tests)',
  async () => {
    const { run, folder, env } = await synced()
    const [group, ann, bob] = [4_001, 2_001, 3_001]
    const by = (user: number, args: string[]) =>
      run(args, {
        env: {
          ...env,
          NODE_OPTIONS: `--import data:text/javascript,process.setgroups([${group}]),process.setgid(${user}),process.setuid(${user})`
        }
      })
    chownSync(folder, ann, group)
    chmodSync(folder, 0o770)
    for (const name of readdirSync(folder)) {
      chownSync(join(folder, name), ann, group)
      chmodSync(join(folder, name), 0o660)
    }
    for (const user of [ann, bob, ann]) {
      const ended = await by(user, ['sync', '--source', 'feed'])
      expect(ended.code, `${user}: ${ended.stderr}`).toBe(0)
    }
    expect(statSync(join(folder, 'webex-cdr.db-shm'))).toMatchObject({ uid: ann, gid: group })
  },
  60_000
)

describe.runIf(canMount)('a mount that is read-only (skipped unless file systems can be mounted)', () => {
  test('can be looked at, by root too, and while somebody writes elsewhere', async () => {
    const { folder, run, env, asReader } = await synced()
    const there = join(mountReadOnly(folder), 'webex-cdr.db')
    const onMount = (args: string[]) => run(args, { env: { ...env, DATABASE_URL: `sqlite:${there}` } })
    await expectAllToRead(onMount)
    await expectAllToRead((args) => asReader(args, there))
    expect((await onMount(['doctor'])).stdout).toContain(
      'not tested, nor was the lease: this user has read access only'
    )
    const writer = new Database(join(folder, 'webex-cdr.db'))
    writer.exec(`UPDATE cdr_sync_state SET notes = 'stored a moment ago'`)
    expect((await onMount(['stats', '--json'])).stdout).toContain('stored a moment ago')
    writer.close()
    expect(await onMount(['stats'])).toMatchObject({ code: 1, stderr: expect.stringContaining('(EROFS)') })
  }, 60_000)
})
