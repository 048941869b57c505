import { randomUUID } from 'node:crypto'
import { type DataSource, type EntityManager, Raw } from 'typeorm'
import { NOW } from '../entities/columns.js'
import { currentDialect } from '../entities/dialect.js'
import { CdrSyncLease } from '../entities/index.js'
import { ConfigurationError, LeaseLostError, messageOf } from '../errors.js'
import type { Log } from '../log.js'
import { HOST, isGone, sayHolder } from './lease-holder.js'

/** How long a lease lives without a heartbeat, in s: another host waits so long after a crash. */
const DURATION = 110
/** In ms. */
const HEARTBEAT = 20_000
const NAME = 'sync'
/** Whoever takes it before us is found at the next one. */
const ATTEMPTS = 10
const NOT_OVER = Raw((column) => `${column} > ${NOW}`)

/** The right to write to the database's CDR tables: one process at a time has it. */
export class Lease {
  private readonly heartbeat: NodeJS.Timeout

  private constructor(
    private readonly dataSource: DataSource,
    private readonly holder: string
  ) {
    // A transaction notices a lost lease by itself, so a failed heartbeat needs no more than the next one.
    this.heartbeat = setInterval(() => void this.extend(dataSource.manager).catch(() => {}), HEARTBEAT)
    this.heartbeat.unref()
  }

  /**
   * Takes the lease, or tells who has it. The lease of a process of this host that is gone is free.
   * @throws ConfigurationError where the table does not take what is written
   */
  static async acquire(dataSource: DataSource): Promise<Lease | CdrSyncLease> {
    const holder = randomUUID()
    for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
      const other = await current(dataSource)
      if (other && !isGone(other)) return other
      if (other) await end(dataSource, other.holder)
      if (await take(dataSource, holder)) return new Lease(dataSource, holder)
    }
    throw new ConfigurationError(
      'the lease cannot be acquired although nobody holds it: check whether a trigger on cdr_sync_lease blocks the update'
    )
  }

  /** Does something under the lease, or tells who has it. */
  static async hold<T>(
    dataSource: DataSource,
    log: Log,
    work: (lease: Lease) => Promise<T>
  ): Promise<{ result: T } | { holder: CdrSyncLease }> {
    const lease = await Lease.acquire(dataSource)
    if (!(lease instanceof Lease)) return { holder: lease }
    try {
      return { result: await work(lease) }
    } finally {
      // It runs out by itself: what became of the work is the news.
      await lease.release().catch((error) => log.warn(`the lease could not be released: ${messageOf(error)}`))
    }
  }

  /**
   * The first statement of every transaction: extends the lease and makes sure that it is still ours.
   * @throws LeaseLostError, which rolls the transaction back
   */
  async renew(manager: EntityManager): Promise<void> {
    if (await this.extend(manager)) return
    const other = await manager.findOneBy(CdrSyncLease, { name: NAME })
    throw new LeaseLostError(
      `${other ? `${sayHolder(other)} has taken over` : 'The lease was removed'} while this run was suspended; stored data is kept, and the next run continues from there`
    )
  }

  /** The row stays and tells who ran last: whoever runs needs no right to delete. */
  async release(): Promise<void> {
    clearInterval(this.heartbeat)
    await end(this.dataSource, this.holder)
  }

  private async extend(manager: EntityManager): Promise<boolean> {
    await manager.update(
      CdrSyncLease,
      { name: NAME, holder: this.holder },
      { heartbeatUtc: () => NOW, expiresUtc: () => afterNow(DURATION) }
    )
    return isHeldBy(manager, this.holder)
  }
}

/** Asked after each write: how many rows a statement changed, a trigger on the table may tell otherwise. */
function isHeldBy(manager: EntityManager, holder: string): Promise<boolean> {
  return manager.existsBy(CdrSyncLease, { name: NAME, holder, expiresUtc: NOT_OVER })
}

/** Who has the lease, though a page be in the middle of being stored: a dirty read does not wait for its end. */
function current({ manager }: DataSource): Promise<CdrSyncLease | null> {
  return manager.findOne(CdrSyncLease, {
    where: { name: NAME, expiresUtc: NOT_OVER },
    lock: { mode: 'dirty_read' }
  })
}

/** Under another holder: a heartbeat that is still on its way must not bring it back to life. */
async function end({ manager }: DataSource, holder: string): Promise<void> {
  await manager.update(CdrSyncLease, { name: NAME, holder }, { holder: randomUUID(), expiresUtc: () => NOW })
}

/** A conditional write, which takes the lease where nobody has it, or where it ran out by the database's clock. */
async function take({ manager }: DataSource, holder: string): Promise<boolean> {
  const row = {
    holder,
    host: HOST,
    processId: process.pid,
    acquiredUtc: () => NOW,
    heartbeatUtc: () => NOW,
    expiresUtc: () => afterNow(DURATION)
  }
  await manager
    .createQueryBuilder()
    .update(CdrSyncLease)
    .set(row)
    .where(`name = :name AND expires_utc <= ${NOW}`, { name: NAME })
    .execute()
  if (await manager.existsBy(CdrSyncLease, { name: NAME })) return isHeldBy(manager, holder)
  try {
    await manager
      .createQueryBuilder()
      .insert()
      .into(CdrSyncLease)
      .values({ name: NAME, ...row })
      .updateEntity(false)
      .execute()
    return isHeldBy(manager, holder)
  } catch (error) {
    if (await manager.existsBy(CdrSyncLease, { name: NAME })) return false
    throw error
  }
}

function afterNow(seconds: number): string {
  return currentDialect() === 'mssql'
    ? `dateadd(second, ${seconds}, ${NOW})`
    : `strftime('%Y-%m-%d %H:%M:%f', 'now', '+${seconds} seconds')`
}
