import { type Sleep, sleep } from '../clock.js'
import type { Settings } from '../config/settings.js'
import { connect } from '../database/data-source.js'
import { databaseError } from '../database/database-error.js'
import { sayHolder } from '../database/lease-holder.js'
import type { LeasedParts } from '../database/leased-transaction.js'
import { requireMigrated } from '../database/migrator.js'
import type { CdrSyncLease } from '../entities/index.js'
import { StoppedError } from '../errors.js'
import type { Log } from '../log.js'

export interface LeaseTools {
  log: Log
  signal?: AbortSignal | undefined
  sleep?: Sleep | undefined
}

/**
 * Opens the database and does something while no other process can write.
 * @returns what came of it, or who has the lease
 * @throws ConfigurationError when the database is not ready; else what ended the work
 */
export async function holdingLease<T>(
  { database }: Settings,
  { log, signal, sleep: waiting = sleep }: LeaseTools,
  work: (leased: LeasedParts) => Promise<T>
): Promise<{ result: T } | { holder: CdrSyncLease }> {
  await requireMigrated(database, log, signal)
  const dataSource = await connect(database, { log, signal })
  // It needs the dialect, which is known once the data source exists.
  const { Lease } = await import('../database/lease.js')
  const stop = new AbortController()
  const stopEarly = () => stop.abort(signal?.reason)
  signal?.addEventListener('abort', stopEarly)
  if (signal?.aborted) stopEarly()
  try {
    return await Lease.hold(dataSource, log, (lease) =>
      work({ dataSource, lease, log, sleep: waiting, signal: stop.signal })
    )
  } catch (error) {
    // What it was doing, or waiting for, may have told of nothing but that it was ended.
    throw signal?.reason instanceof StoppedError ? signal.reason : databaseError(database, error)
  } finally {
    signal?.removeEventListener('abort', stopEarly)
    stop.abort()
    await dataSource.destroy()
  }
}

const MINUTE = 60_000

/** Does it once no other process has the lease. */
export async function onceFree<T>(
  work: () => Promise<{ result: T } | { holder: CdrSyncLease }>,
  tools: LeaseTools
): Promise<T> {
  for (;;) {
    const outcome = await work()
    if ('result' in outcome) return outcome.result
    tools.log.info(`another command has the database (${sayHolder(outcome.holder)}): waiting for it`)
    await waitFor(tools, MINUTE)
  }
}

/** @throws what ended the wait before its time */
export async function waitFor({ sleep: wait = sleep, signal }: LeaseTools, ms: number): Promise<void> {
  try {
    await wait(ms, signal)
  } catch (error) {
    throw signal?.reason instanceof StoppedError ? signal.reason : error
  }
}
