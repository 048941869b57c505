import { setTimeout as delay } from 'node:timers/promises'

/** The present moment, in ms since 1970 UTC. */
export type Now = () => number

/** Waits `ms` milliseconds; rejects when the signal is aborted. */
export type Sleep = (ms: number, signal?: AbortSignal) => Promise<void>

export const sleep: Sleep = (ms, signal) => delay(ms, undefined, { signal })
