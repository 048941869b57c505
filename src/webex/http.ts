import axios, { AxiosError, type AxiosInstance, type AxiosRequestConfig, type AxiosResponse } from 'axios'
import axiosRetry, { exponentialDelay } from 'axios-retry'
import type { Now, Sleep } from '../clock.js'
import { isLoopback } from '../config/loopback.js'
import { TemporaryError } from '../errors.js'
import type { Log } from '../log.js'
import { holdSignals } from '../uninterrupted.js'
import { Deadline } from './deadline.js'
import { clean, retryAfter, type ServiceResponse, sayResponse, serviceResponse } from './response.js'

export interface HttpOptions {
  /** How long one attempt may take, its body included, in ms. */
  timeout: number
  /** The first backoff, in ms; it doubles, with up to 20 % of jitter. */
  retryDelay: number
  log: Log
  now: Now
  sleep: Sleep
  /** Ends requests and waits when aborted. */
  signal: AbortSignal
}

/** Attempts at a request that meets network errors, 5xx or broken bodies. */
const ATTEMPTS = 3
const LONGEST_BACKOFF = 60_000
/** A full page of 5,000 records is about 16 MB. */
const LARGEST_BODY = 64 * 1024 * 1024
const DEFAULT_RATE_LIMIT_WAIT = 60_000
const SHORTEST_RATE_LIMIT_WAIT = 1_000
/** How long 429 may put off a run in all. */
const LONGEST_RATE_LIMIT_WAIT = 60 * 60_000

/** Requests to Webex: bounded in time and size, retried, patient with rate limits, silent about secrets. */
export class Http {
  /** Requests sent, retries included. */
  requests = 0
  /** How long 429 answers made us wait, in ms. */
  rateLimitWait = 0
  /** How far this clock is ahead of the service's, in ms, by the newest answer's Date (whole seconds). */
  clockSkew: number | undefined
  private readonly axios: AxiosInstance
  private readonly secrets = new Set<string>()

  constructor(private readonly options: HttpOptions) {
    this.axios = axios.create({
      responseType: 'text',
      transformResponse: (text: unknown) => text,
      validateStatus: (status) => status < 500,
      maxRedirects: 0,
      maxContentLength: LARGEST_BODY
    })
    const ends = new WeakMap<object, () => void>()
    const never = new AbortController().signal
    this.axios.interceptors.request.use((config) => {
      this.requests += 1
      // What a POST offers is spent by asking: its answer is waited for, whoever wants to end the run.
      const isSpent = config.method === 'post' && !options.signal.aborted
      const release = isSpent ? holdSignals() : undefined
      const deadline = new Deadline(options.timeout, isSpent ? never : options.signal)
      ends.set(deadline.signal, () => {
        deadline.clear()
        release?.()
      })
      config.signal = deadline.signal
      // A proxy would carry the secrets of a loopback request over the network in clear text.
      if (isLoopback(new URL(config.url ?? '').hostname)) config.proxy = false
      return config
    })
    const ended = (config?: { signal?: object }) => config?.signal && ends.get(config.signal)?.()
    this.axios.interceptors.response.use(
      (response) => {
        ended(response.config)
        return parseBody(response)
      },
      (error) => {
        ended(error.config)
        throw error
      }
    )
    axiosRetry(this.axios, {
      retries: ATTEMPTS - 1,
      retryCondition: () => !options.signal.aborted,
      retryDelay: (count, error) =>
        Math.min(exponentialDelay(count, error, options.retryDelay / 2), LONGEST_BACKOFF),
      onRetry: (count, error, config) => {
        config.signal = options.signal
        options.log.warn(
          `${target(config)}: ${this.reason(error)}; attempt ${count + 1} of ${ATTEMPTS} follows`
        )
      }
    })
  }

  /** From now on this value is cut out of whatever the service says when it refuses or fails. */
  conceal(secret: string): void {
    if (secret) this.secrets.add(secret).add(encodeURIComponent(secret))
  }

  /**
   * Any answer below 500 other than 429, its body parsed where it is JSON.
   * @throws TemporaryError when the attempts or the patience with 429 are used up
   */
  async request(config: AxiosRequestConfig): Promise<ServiceResponse> {
    for (;;) {
      const response = await this.attempt(config)
      if (response.status !== 429) return response
      const asked = retryAfter(response, this.options.now()) ?? DEFAULT_RATE_LIMIT_WAIT
      const wait = Math.max(asked, SHORTEST_RATE_LIMIT_WAIT)
      if (this.rateLimitWait + wait > LONGEST_RATE_LIMIT_WAIT) {
        throw new TemporaryError(
          `${target(config)}: rate limited; the service asks to wait another ${seconds(wait)} after ${seconds(this.rateLimitWait)}, more than a run waits (${seconds(LONGEST_RATE_LIMIT_WAIT)}); the next run goes on from here. ${sayResponse(response)}`
        )
      }
      this.options.log.warn(`${target(config)}: rate limited (429); waiting ${seconds(wait)}`)
      await this.options.sleep(wait, this.options.signal)
      this.rateLimitWait += wait
    }
  }

  private async attempt(config: AxiosRequestConfig): Promise<ServiceResponse> {
    try {
      const answer = await this.axios.request(config)
      const date = Date.parse(String(answer.headers.date))
      if (!Number.isNaN(date)) this.clockSkew = this.options.now() - date
      const response = this.heard(answer)
      this.options.log.debug({ status: response.status, trackingId: response.trackingId }, target(config))
      return response
    } catch (error) {
      // Axios errors carry the request with its Authorization header: they end here.
      throw new TemporaryError(
        `${target(config)}: ${this.reason(error)}, ${ATTEMPTS} attempts in all; the next run tries again`,
        axios.isAxiosError(error) ? error.response?.status : undefined
      )
    }
  }

  private reason(error: unknown): string {
    if (!axios.isAxiosError(error)) return 'failed'
    if (error.code === AxiosError.ERR_CANCELED) {
      return this.options.signal.aborted
        ? 'stopped'
        : `no complete answer within ${seconds(this.options.timeout)}`
    }
    if (error.message.startsWith('maxContentLength'))
      return `an answer of more than ${LARGEST_BODY / 2 ** 20} MB`
    if (error.response && error.response.status >= 500) return sayResponse(this.heard(error.response))
    return [clean(error.message) || 'the connection failed', error.code && `(${error.code})`]
      .filter(Boolean)
      .join(' ')
  }

  /** The answer without our secrets, which it may repeat. The body of a success is where new ones come from. */
  private heard(response: AxiosResponse): ServiceResponse {
    const answer = serviceResponse(response, (text) => this.withoutSecrets(text))
    return answer.status < 300 ? answer : { ...answer, body: this.refusal(answer.body) }
  }

  /** undefined where the body is nested deeper than the stack goes, though JSON.parse took it. */
  private refusal(body: unknown): unknown {
    try {
      return JSON.parse(JSON.stringify(body ?? null), (_, value) =>
        typeof value === 'string' ? this.withoutSecrets(value) : value
      )
    } catch {
      return undefined
    }
  }

  private withoutSecrets(text: string): string {
    let safe = text
    for (const secret of this.secrets) safe = safe.replaceAll(secret, '[redacted]')
    return safe
  }
}

function parseBody<T extends { status: number; data: unknown; config: unknown }>(response: T): T {
  const text = String(response.data ?? '')
  try {
    response.data = response.status === 204 ? undefined : JSON.parse(text)
  } catch {
    if (response.status < 300) {
      const config = response.config as AxiosError['config']
      throw new AxiosError('the body is no JSON or was cut off', 'EBODY', config)
    }
  }
  return response
}

function target({ method = 'GET', url = '' }: { method?: string; url?: string }): string {
  // The service writes the URLs of pages.
  return `${method.toUpperCase()} ${clean(url.replace(/[?#].*$/s, ''))}`
}

function seconds(ms: number): string {
  return `${Math.ceil(ms / 1_000)} s`
}
