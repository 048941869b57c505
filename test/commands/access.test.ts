import { chmodSync, chownSync, existsSync, mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { cli, type Ended } from '../support/cli.js'
import { AS_NOBODY, isRoot, NOBODY } from '../support/nobody.js'
import { commandBench, SECRET_LINES, SETUP } from './bench.js'
import { strictInstallation } from './strict-service.js'

describe.runIf(isRoot)(
  'a SQLite file that is not to be written to (skipped unless root runs the tests)',
  () => {
    test('what SQLite has left beside it is named, where that is what is read-only', async () => {
      const { folder, keyFile, run } = await strictInstallation()
      const database = join(folder, 'webex-cdr.db')
      const index = `${database}-shm`
      for (const path of [join(folder, '..'), join(keyFile, '..'), folder]) chmodSync(path, 0o777)
      for (const path of [database, keyFile, join(folder, 'webex-cdr.secrets')])
        chownSync(path, NOBODY, NOBODY)
      const asNobody = (...args: string[]) => run(args, { env: AS_NOBODY })
      // Whoever looks at a file that is read-only leaves others beside it that are, too.
      rmSync(index, { force: true })
      rmSync(`${database}-wal`, { force: true })
      chmodSync(database, 0o444)
      expect((await asNobody('stats')).code).toBe(0)
      chmodSync(database, 0o600)
      expect(existsSync(index)).toBe(true)

      const refusal = `SQLite file ${database} cannot be used: this user needs read and write access to ${index} (EACCES); grant it, or run as the owner`
      for (const command of ['setup', 'sync', 'migrate']) {
        expect(await asNobody(command), command).toMatchObject({ code: 1, stderr: `webex-cdr: ${refusal}\n` })
      }
      expect((await asNobody('doctor')).stdout).toContain(`failure  database        ${refusal}\n`)
      chmodSync(index, 0o600)
      // An empty one is made anew.
      expect(statSync(`${database}-wal`).size).toBe(0)
      chmodSync(`${database}-wal`, 0o444)
      expect((await asNobody('doctor')).stdout).toContain(
        `ok       database        SQLite file ${database}\n`
      )
      const synced = await asNobody('sync')
      expect(synced.code, synced.stderr).toBe(0)
    }, 60_000)

    test('a folder in which it cannot be made is told before anything is done', async () => {
      const folder = mkdtempSync(join(tmpdir(), 'webex-cdr-access-'))
      onTestFinished(() => rmSync(folder, { recursive: true }))
      chmodSync(folder, 0o755)
      const asNobody = (args: string[], input?: string): Promise<Ended> => cli(args, AS_NOBODY, folder, input)
      const refusal = (file: string) =>
        `SQLite file ${join(folder, file)} cannot be used: this user needs read and write access to ${folder} (EACCES); `
      expect((await asNobody(['doctor'])).stdout).toContain(
        `failure  database        ${refusal('webex-cdr.db')}`
      )
      for (const args of [['migrate'], [...SETUP, '--store', 'file']]) {
        const ended = await asNobody(args, SECRET_LINES)
        expect(ended.code).toBe(1)
        expect(ended.stderr).toContain(`webex-cdr: ${refusal('webex-cdr.db')}`)
        expect(ended.stdout).not.toContain('makes it')
      }
      const demo = await asNobody(['demo'])
      expect(demo).toMatchObject({ code: 1, stdout: '' })
      expect(demo.stderr).toContain(
        `webex-cdr: the demo writes webex-cdr-demo.db into the working directory: ${refusal('webex-cdr-demo.db')}`
      )
      expect(demo.stderr).not.toContain('DATABASE_URL')
    }, 60_000)
  }
)

test.runIf(isRoot)('a user without a name schedules under its number', async () => {
  const { run, folder } = await strictInstallation()
  chmodSync(join(folder, '..'), 0o777)
  const env = { NODE_OPTIONS: '--import data:text/javascript,process.setgid(54321),process.setuid(54321)' }
  const { code, stdout, stderr } = await run(['schedule', '--print', 'systemd'], { env })
  expect(code, stderr).toBe(0)
  expect(stdout).toMatch(/^User=54321$/m)
})

test('a file in the place of a folder is told before anything is done', async () => {
  const { run, folder } = await commandBench()
  const env = { DATABASE_URL: 'sqlite:.env/calls.db' }
  const refusal = `SQLite file ${join(folder, '.env', 'calls.db')} cannot be created: ${join(folder, '.env')} is not a folder; check DATABASE_URL`
  const { code, stderr } = await run([...SETUP, '--store', 'file'], { env, input: SECRET_LINES })
  expect(code).toBe(1)
  expect(stderr).toContain(`webex-cdr: ${refusal}\n`)
})

test('a folder that is not there yet either is told', async () => {
  const { run, folder } = await commandBench()
  const path = join(folder, 'nowhere', 'calls.db')
  const { stdout } = await run(['doctor'], { env: { DATABASE_URL: 'sqlite:nowhere/calls.db' } })
  expect(stdout).toContain(
    `SQLite file ${path} does not exist yet, nor does its folder: \`npm run migrate\` creates both\n`
  )
})
