import type { SecureContext } from 'node:tls'
import type { InternalAxiosRequestConfig } from 'axios'
import type { Now } from '../clock.js'
import { holdSignals } from '../uninterrupted.js'
import { type Connection, connectionTo } from './connection.js'
import { Deadline } from './deadline.js'

export interface AttemptOptions {
  /** How long it may take unless it is prolonged, its body included, in ms. */
  timeout: number
  /** Ends it when aborted. */
  signal: AbortSignal
  now: Now
  secureContext: () => SecureContext | undefined
}

/** One attempt at a request: its time, its connection, and the signals that have to wait for its answer. */
export class Attempt {
  readonly connection: Connection | undefined
  /** In ms since 1970. */
  readonly began: number
  private readonly started = performance.now()
  private readonly deadline: Deadline
  private release: (() => void) | undefined
  private ended = false

  /** @throws ConfigurationError when the environment names a proxy that is none, or the authorities cannot be read */
  constructor(
    { method, url = '' }: Pick<InternalAxiosRequestConfig, 'method' | 'url'>,
    { timeout, signal, now, secureContext }: AttemptOptions
  ) {
    this.began = now()
    this.deadline = new Deadline(timeout, signal)
    // What a POST offers is spent by asking: its answer is waited for, whoever wants to end the run.
    const onSent = () => {
      if (method !== 'post' || signal.aborted || this.ended) return
      this.deadline.outlast()
      this.release = holdSignals()
    }
    try {
      if (new URL(url).protocol === 'https:') {
        const options = { secureContext: secureContext(), signal: this.signal, onSecure: onSent }
        this.connection = connectionTo(url, options)
      } else onSent()
    } catch (error) {
      this.end()
      throw error
    }
  }

  get signal(): AbortSignal {
    return this.deadline.signal
  }

  /** Gives it its time once more, unless it has taken `longest` ms in all. */
  prolong(longest: number): void {
    if (performance.now() - this.started < longest) this.deadline.renew()
  }

  end(): void {
    this.ended = true
    this.deadline.clear()
    this.release?.()
  }
}
