import type { Now } from '../clock.js'
import { count } from '../count.js'
import type { Log } from '../log.js'

export interface Progress {
  /** @param rows how many will be looked at, about */
  begins(doing: string, rows: number): void
  looked(rows: number): void
}

/** How often the log tells how far it has come, in ms. */
const TELLING = 10_000

/** Tells in the log how far a long job has come, and how long it will take about. */
export function progressIn(log: Log, now: Now): Progress {
  let job = { doing: '', rows: 0, done: 0, began: 0, told: 0 }
  return {
    begins(doing, rows) {
      job = { doing, rows, done: 0, began: now(), told: now() }
    },
    looked(rows) {
      job.done += rows
      const at = now()
      if (at - job.told < TELLING || job.done === 0) return
      job.told = at
      const left = ((at - job.began) / job.done) * Math.max(0, job.rows - job.done)
      log.info(`${job.doing}: ${count(job.done)} of ${count(job.rows)}, about ${sayTime(left)} left`)
    }
  }
}

function sayTime(ms: number): string {
  const minutes = Math.ceil(ms / 60_000)
  return minutes < 2 ? '1 minute' : minutes < 120 ? `${minutes} minutes` : `${Math.round(minutes / 60)} hours`
}
