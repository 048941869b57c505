import { execFileSync } from 'node:child_process'
import type { Job } from '../../src/schedule/job.js'

/** What each of the formats has to quote. */
export const HOSTILE = `it's 100% "ü" $HOME & <b> \\ %h; end`

export const JOB: Job = {
  node: '/usr/bin/node',
  script: '/opt/webex-cdr/dist/src/cli.js',
  folder: '/opt/webex-cdr',
  writes: ['/opt/webex-cdr'],
  user: 'cdr',
  every: 15,
  store: 'env'
}

export function isInstalled(program: string): boolean {
  try {
    execFileSync('sh', ['-c', `command -v ${program}`])
    return true
  } catch {
    return false
  }
}
