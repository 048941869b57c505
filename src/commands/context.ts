import type { Now } from '../clock.js'
import { loadSettings, readEnvFile, type Settings } from '../config/settings.js'
import { createLog, type Log } from '../log.js'

/** What every command is given. */
export interface Context {
  settings: Settings
  /** Goes to standard error. */
  log: Log
  /** A line on standard output, where results go. */
  print: (line: string) => void
  now: Now
}

/** @throws ConfigurationError */
export function createContext(): Context {
  readEnvFile()
  const settings = loadSettings()
  return {
    settings,
    log: createLog(settings.logLevel),
    print: (line) => void process.stdout.write(`${line}\n`),
    now: Date.now
  }
}
