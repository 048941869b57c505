import { sleep } from '../clock.js'
import { count } from '../count.js'
import { connect } from '../database/data-source.js'
import { databaseError } from '../database/database-error.js'
import { requireMigrated } from '../database/migrator.js'
import { StoppedError } from '../errors.js'
import type { Context } from './context.js'
import { progressIn } from './progress.js'
import { stopSignal } from './stop-signal.js'

interface RebuildOptions {
  all: boolean
  json: boolean
}

export async function runRebuildCalls(context: Context, { all, json }: RebuildOptions): Promise<number> {
  const { settings, log, print, now } = context
  const { database } = settings
  const signal = stopSignal(log)
  await requireMigrated(database, log, signal)
  const dataSource = await connect(database, { log, signal })
  try {
    const { rebuildCalls } = await import('../store/rebuild-calls.js')
    const told = progressIn(log, now)
    const records = await rebuildCalls(all, {
      dataSource,
      log,
      signal,
      sleep,
      progress: { ...told, begins: (rows) => told.begins('making calls from records', rows) }
    })
    print(
      json
        ? JSON.stringify({ status: 'succeeded', records })
        : `Calls made from ${count(records)} records${records === 0 ? ': all records are in calls' : ''}`
    )
    return 0
  } catch (error) {
    throw signal.reason instanceof StoppedError ? signal.reason : databaseError(database, error)
  } finally {
    await dataSource.destroy()
  }
}
