import { execFileSync } from 'node:child_process'
import type { Job } from '../../src/schedule/job.js'

/** What each of the formats has to quote. */
export const HOSTILE = `it's 100% "ü" $HOME & <b> \\ %h; end`

export type SyncJob = Extract<Job, { command: 'sync' }>

export const JOB: SyncJob = {
  command: 'sync',
  every: 15,
  node: '/usr/bin/node',
  script: '/opt/webex-cdr/dist/src/cli.js',
  folder: '/opt/webex-cdr',
  writes: ['/opt/webex-cdr'],
  user: 'cdr',
  store: 'env'
}

const { every: _, ...here } = JOB
/** With a login of its own. */
export const RETAIN: Job = { ...here, command: 'retain', envFile: '/opt/webex-cdr/webex-cdr-retain.env' }

export function isInstalled(program: string): boolean {
  try {
    execFileSync('sh', ['-c', `command -v ${program}`])
    return true
  } catch {
    return false
  }
}
