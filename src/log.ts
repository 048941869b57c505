import { type LevelWithSilent, type Logger, pino } from 'pino'
import pretty from 'pino-pretty'

export type LogLevel = LevelWithSilent

export type Log = Pick<Logger, 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'level'>

/** A log for people and for cron's mail: one line an event, UTC, on standard error. */
export function createLog(level: LogLevel): Log {
  const stream = pretty({
    destination: 2,
    sync: true,
    singleLine: true,
    colorize: process.stderr.isTTY === true,
    ignore: 'pid,hostname',
    translateTime: 'UTC:yyyy-mm-dd HH:MM:ss.l'
  })
  return pino({ level, base: undefined }, stream)
}
