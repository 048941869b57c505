import { readFileSync, readlinkSync } from 'node:fs'
import { hostname } from 'node:os'
import type { CdrSyncLease } from '../entities/index.js'

/**
 * This host as process ids are counted on it, its name first. Hosts may share a name: Linux tells them apart by the
 * id of their boot, and containers by their process namespace, of which the machine's own goes without saying.
 */
export const HOST = [hostname(), bootId(), processNamespace()].filter(Boolean).join(' ').slice(0, 255)

/** The holder was a process of this host and has ended. Of other hosts nothing is known. */
export function isGone({ host, processId }: CdrSyncLease): boolean {
  if (host !== HOST) return false
  try {
    process.kill(processId, 0)
    return false
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH'
  }
}

/** “web01, process 4711, since 2026-11-23T10:00:00.000Z” */
export function sayHolder({ host, processId, acquiredUtc }: CdrSyncLease): string {
  return `${host.split(' ')[0]}, process ${processId}, since ${acquiredUtc.toISOString()}`
}

function bootId(): string {
  try {
    return `boot:${readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim()}`
  } catch {
    return ''
  }
}

function processNamespace(): string {
  const ofTheMachine = 'pid:[4026531836]'
  try {
    const namespace = readlinkSync('/proc/self/ns/pid')
    return namespace === ofTheMachine ? '' : namespace
  } catch {
    return ''
  }
}
