import axios, { AxiosError, type AxiosInstance, type AxiosRequestConfig } from 'axios'
import axiosRetry, { exponentialDelay } from 'axios-retry'
import type { Now, Sleep } from '../clock.js'
import { TemporaryError } from '../errors.js'
import type { Log } from '../log.js'
import { retryAfter, type ServiceResponse, sayResponse, serviceResponse } from './response.js'

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
/** How long one request may be put off by 429 in all. */
const LONGEST_RATE_LIMIT_WAIT = 15 * 60_000

/** Requests to Webex: bounded in time and size, retried, patient with rate limits, silent about secrets. */
export class Http {
  /** Requests sent, retries included. */
  requests = 0
  /** How long 429 answers made us wait, in ms. */
  rateLimitWait = 0
  private readonly axios: AxiosInstance

  constructor(private readonly options: HttpOptions) {
    this.axios = axios.create({
      responseType: 'text',
      transformResponse: (text: unknown) => text,
      validateStatus: (status) => status < 500,
      maxRedirects: 0,
      maxContentLength: LARGEST_BODY
    })
    this.axios.interceptors.request.use((config) => {
      this.requests += 1
      config.signal = AbortSignal.any([options.signal, AbortSignal.timeout(options.timeout)])
      return config
    })
    this.axios.interceptors.response.use(parseBody)
    axiosRetry(this.axios, {
      retries: ATTEMPTS - 1,
      retryCondition: () => !options.signal.aborted,
      retryDelay: (count, error) =>
        Math.min(exponentialDelay(count, error, options.retryDelay / 2), LONGEST_BACKOFF),
      onRetry: (count, error, config) => {
        config.signal = options.signal
        options.log.warn(
          `${target(config)}: ${reason(error, options.timeout)}; attempt ${count + 1} of ${ATTEMPTS} follows`
        )
      }
    })
  }

  /**
   * Any answer below 500 other than 429, its body parsed where it is JSON.
   * @throws TemporaryError when the attempts or the patience with 429 are used up
   */
  async request(config: AxiosRequestConfig): Promise<ServiceResponse> {
    let waited = 0
    for (;;) {
      const response = await this.attempt(config)
      if (response.status !== 429) return response
      const asked = retryAfter(response, this.options.now()) ?? DEFAULT_RATE_LIMIT_WAIT
      const wait = Math.max(asked, SHORTEST_RATE_LIMIT_WAIT)
      if (waited + wait > LONGEST_RATE_LIMIT_WAIT) {
        throw new TemporaryError(
          `${target(config)}: rate limited; the service asks to wait another ${seconds(wait)} after ${seconds(waited)}, more than a run waits (${seconds(LONGEST_RATE_LIMIT_WAIT)}); the next run goes on from here. ${sayResponse(response)}`
        )
      }
      this.options.log.warn(`${target(config)}: rate limited (429); waiting ${seconds(wait)}`)
      await this.options.sleep(wait, this.options.signal)
      waited += wait
      this.rateLimitWait += wait
    }
  }

  private async attempt(config: AxiosRequestConfig): Promise<ServiceResponse> {
    try {
      const response = serviceResponse(await this.axios.request(config))
      this.options.log.debug({ status: response.status, trackingId: response.trackingId }, target(config))
      return response
    } catch (error) {
      // Axios errors carry the request with its Authorization header: they end here.
      throw new TemporaryError(
        `${target(config)}: ${reason(error, this.options.timeout)}, ${ATTEMPTS} attempts in all; the next run tries again`
      )
    }
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

function reason(error: unknown, timeout: number): string {
  if (!axios.isAxiosError(error)) return axios.isCancel(error) ? 'stopped' : 'failed'
  if (error.code === AxiosError.ERR_CANCELED) return `no complete answer within ${seconds(timeout)}`
  if (error.response && error.response.status >= 500) return sayResponse(serviceResponse(error.response))
  return [error.message || 'the connection failed', error.code && `(${error.code})`].filter(Boolean).join(' ')
}

function target({ method = 'GET', url = '' }: { method?: string; url?: string }): string {
  return `${method.toUpperCase()} ${url.replace(/[?#].*$/s, '')}`
}

function seconds(ms: number): string {
  return `${Math.ceil(ms / 1_000)} s`
}
