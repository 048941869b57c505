import { existsSync } from 'node:fs'
import { UsageError } from '../errors.js'
import { cron } from '../schedule/cron.js'
import { parseInterval } from '../schedule/interval.js'
import { type Job, jobHere } from '../schedule/job.js'
import { launchd } from '../schedule/launchd.js'
import { systemd } from '../schedule/systemd.js'
import { windows } from '../schedule/windows.js'
import type { Context } from './context.js'

/** The flags as they were typed. */
export interface ScheduleFlags {
  every: string | undefined
  print: string | undefined
}

const FORMATS = { cron, systemd, launchd, windows } satisfies Record<string, (job: Job) => string>
type Format = keyof typeof FORMATS

const DEFAULT_INTERVAL = '15m'

/** Prints what makes this machine's scheduler run `sync`; changes nothing. */
export function scheduleCommand(
  { settings, print }: Pick<Context, 'settings' | 'print'>,
  flags: ScheduleFlags
): number {
  const format = flags.print ?? usualFormat(process.platform, existsSync('/run/systemd/system'))
  if (!isFormat(format)) {
    throw new UsageError(`--print “${format}” is unknown: write ${Object.keys(FORMATS).join(', ')}`)
  }
  print(FORMATS[format](jobHere(settings, parseInterval(flags.every ?? DEFAULT_INTERVAL))))
  return 0
}

export function usualFormat(platform: NodeJS.Platform, systemdRuns: boolean): Format {
  if (platform === 'win32') return 'windows'
  if (platform === 'darwin') return 'launchd'
  return systemdRuns ? 'systemd' : 'cron'
}

function isFormat(text: string): text is Format {
  return Object.hasOwn(FORMATS, text)
}
