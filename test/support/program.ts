import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { DataSource } from 'typeorm'
import { expect, onTestFinished } from 'vitest'
import { createDataSource } from '../../src/database/data-source.js'
import { type SimulatorOptions, startSimulator } from '../../src/simulator/index.js'
import { cli, simulatorEnvironment, startCli } from './cli.js'
import { auditIfAsked, newDatabase } from './contract.js'
import { migrated } from './migrated.js'

/** The built program on a database of its own, against the simulator. */
export async function programBench(options: SimulatorOptions = {}) {
  const { settings, drop } = await newDatabase()
  const folder = mkdtempSync(join(tmpdir(), 'program-'))
  const sim = await startSimulator({ recordsPerHour: 20, ...options })
  const env: NodeJS.ProcessEnv = {
    DATABASE_URL: settings.type === 'sqlite' ? `sqlite:${settings.path}` : urlOf(settings),
    ...simulatorEnvironment(sim.url),
    WEBEX_MAX_PER_PAGE: '500'
  }
  const dataSource: DataSource = await createDataSource(settings)
  onTestFinished(async () => {
    if (dataSource.isInitialized) await dataSource.destroy()
    await sim.close()
    await drop()
    rmSync(folder, { recursive: true })
  })
  return {
    sim,
    env,
    folder,
    settings,
    run: (...args: string[]) => cli(args, env, folder),
    start: (...args: string[]) => startCli(args, env, folder),
    async migrate() {
      if (settings.type === 'sqlite') await migrated(settings.path)
      else expect(await cli(['migrate'], env, folder)).toMatchObject({ code: 0 })
      await dataSource.initialize()
      await auditIfAsked(dataSource)
    },
    query: <T = Record<string, unknown>>(sql: string) => dataSource.query<T[]>(sql)
  }
}

function urlOf({
  host,
  port,
  database,
  authentication,
  encrypt,
  trustServerCertificate
}: Extract<Awaited<ReturnType<typeof newDatabase>>['settings'], { type: 'mssql' }>): string {
  if (authentication.type !== 'default') throw new Error('TEST_MSSQL_URL must name a user and a password')
  const { userName, password } = authentication.options
  const url = new URL(`mssql://${host}:${port}/${database}`)
  url.username = userName
  url.password = password
  url.searchParams.set('encrypt', String(encrypt))
  url.searchParams.set('trustServerCertificate', String(trustServerCertificate))
  return url.href
}
