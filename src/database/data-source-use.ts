import type { Log } from '../log.js'

/** What a data source is for, and who is told what happens on it. */
export interface DataSourceUse {
  /** Nothing may be written: for looking at a database only. SQLite holds to it. */
  readonly?: boolean
  /** Nobody else may use the SQLite file meanwhile, and statements may take as long as they need. */
  migrating?: boolean
  /** What is deleted or changed must not stay behind in the SQLite file. */
  erasing?: boolean
  /** Told of what goes wrong on connections that nobody uses at the moment, and of a wait for the database. */
  log?: Pick<Log, 'warn'>
  /** Ends that wait. */
  signal?: AbortSignal | undefined
  /** What a statement says by RAISERROR … WITH NOWAIT while it runs on SQL Server. */
  onMessage?: (message: string) => void
  /** The numbers of SQL Server's errors as they come; at login the driver keeps the last one's text only. */
  onServerError?: (number: number) => void
}
