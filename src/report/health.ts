import { type EntityManager, MoreThan, Not } from 'typeorm'
import type { RetentionPolicy } from '../config/retention.js'
import { RULES } from '../coverage/rules.js'
import { ALL_LOCATIONS } from '../coverage/scope.js'
import { leadingWatermarks } from '../coverage/watermark.js'
import { CdrRecord, CdrSyncError, CdrSyncState, QUARANTINED, REPORT } from '../entities/index.js'
import { isNewFormat } from '../store/quarantine.js'
import { futureWatermarks } from './future.js'
import { openGaps } from './gaps.js'
import { retentionOf, sayOverdue } from './retention.js'

export interface Health {
  healthy: boolean
  /** One line, whichever it is. */
  reason: string
}

/**
 * Whether the scheduled sync does its work: watermarks are fresh, and nothing has gone wrong since the last success
 * that is not made good. A watermark of all locations speaks for the others.
 * A retention policy that is overdue is only noted: no record is lost by it.
 * @param now and maxLag in ms
 */
export async function healthOf(
  manager: EntityManager,
  policy: RetentionPolicy,
  now: number,
  maxLag: number
): Promise<Health> {
  const all = inUse(await leadingWatermarks(manager))
  const ofAllLocations = all.filter(({ scope }) => scope === ALL_LOCATIONS)
  const tracks = ofAllLocations.length > 0 ? ofAllLocations : all
  if (tracks.length === 0) return unwell('no sync has succeeded yet: run `npm run sync`')
  const [future] = await futureWatermarks(manager, now)
  if (future) return unwell(future)
  const [oldest] = tracks.sort((a, b) => a.watermark - b.watermark)
  const lag = now - oldest!.watermark
  const where = `${oldest!.source}, ${oldest!.scope}: the watermark ${new Date(oldest!.watermark).toISOString()} is ${minutes(lag)} old`
  if (lag > maxLag)
    return unwell(`${where}, more than ${minutes(maxLag)}: \`npm run stats\` shows the newest runs`)
  const error = await newestOpenError(
    manager,
    tracks.map(({ scope }) => scope)
  )
  if (error) {
    const at = error.errorTimestamp?.toISOString()
    return unwell(`since the last success, ${error.errorType} at ${at}: ${error.errorMessage}`)
  }
  const refused = await newlyQuarantined(manager, now)
  if (refused) return unwell(refused)
  const gaps = await openGaps(manager, now)
  const notes = [
    where,
    ...(gaps.length > 0
      ? [
          `${gaps.length} ${gaps.length === 1 ? 'range was' : 'ranges were'} not fetched completely: \`npm run stats\` lists them`
        ]
      : []),
    ...sayOverdue(await retentionOf(manager, policy, now))
  ]
  return { healthy: true, reason: notes.join('; ') }
}

/** Without the filters that were given up: what is a month behind the newest can be brought by no run any more. */
function inUse<T extends { watermark: number }>(tracks: T[]): T[] {
  const newest = Math.max(...tracks.map(({ watermark }) => watermark))
  return tracks.filter(({ watermark }) => newest - watermark <= RULES.cdr_feed.kept)
}

/** A bad record now and then is no news; many are, however few there are in each run. */
async function newlyQuarantined(manager: EntityManager, now: number): Promise<string | undefined> {
  const yesterday = MoreThan(new Date(now - 86_400_000))
  const quarantined = await manager.countBy(CdrSyncError, {
    errorType: QUARANTINED,
    recovered: false,
    errorTimestamp: yesterday
  })
  const stored = await manager.countBy(CdrRecord, { startTime: yesterday })
  if (!isNewFormat(quarantined, quarantined + stored)) return undefined
  return `${quarantined} records of the last day could not be stored: their format may have changed: update this program, then \`npm run sync -- --retry-quarantined\``
}

function unwell(reason: string): Health {
  return { healthy: false, reason: reason.replace(/\s+/g, ' ') }
}

/** The newest error that is not recovered and came after the last run of its scope that succeeded. */
async function newestOpenError(manager: EntityManager, scopes: string[]): Promise<CdrSyncError | undefined> {
  for (const scope of scopes) {
    const success = await manager.findOne(CdrSyncState, {
      // That a report was imported says nothing of the sync.
      where: { scope, status: 'succeeded', source: Not(REPORT) },
      order: { id: 'DESC' }
    })
    const [error] = await manager.find(CdrSyncError, {
      where: { scope, recovered: false, runId: MoreThan(success?.id ?? 0) },
      order: { id: 'DESC' },
      take: 1
    })
    if (error) return error
  }
  return undefined
}

function minutes(ms: number): string {
  return `${Math.round(ms / 60_000)} min`
}
