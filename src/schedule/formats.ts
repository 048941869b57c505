import { existsSync } from 'node:fs'
import { cron } from './cron.js'
import type { Job } from './job.js'
import { launchd } from './launchd.js'
import { systemd } from './systemd.js'
import { windows } from './windows.js'

/** What makes each scheduler run a job. */
export const FORMATS = { cron, systemd, launchd, windows } satisfies Record<string, (job: Job) => string>

export function usualFormat(
  platform: NodeJS.Platform = process.platform,
  systemdRuns = existsSync('/run/systemd/system')
): keyof typeof FORMATS {
  if (platform === 'win32') return 'windows'
  if (platform === 'darwin') return 'launchd'
  return systemdRuns ? 'systemd' : 'cron'
}
