import type { CdrSyncLease } from '../entities/index.js'

/** “web01, process 4711, since 2026-11-23T10:00:00.000Z” */
export function sayHolder({ host, processId, acquiredUtc }: CdrSyncLease): string {
  return `${host}, process ${processId}, since ${acquiredUtc.toISOString()}`
}
