import type { SecureContext } from 'node:tls'
import axios, {
  AxiosError,
  type AxiosInstance,
  type AxiosRequestConfig,
  type AxiosResponse,
  type InternalAxiosRequestConfig
} from 'axios'
import axiosRetry, { exponentialDelay } from 'axios-retry'
import type { Now, Sleep } from '../clock.js'
import { CdrError, ConfigurationError, TemporaryError } from '../errors.js'
import type { Log } from '../log.js'
import { Attempt } from './attempt.js'
import { trustIn } from './authorities.js'
import { decodeBody, textOf } from './body.js'
import { skewOf } from './clock-skew.js'
import { type NetworkFailure, networkFailure } from './network-failure.js'
import { fileOf, intoFile, receive, withBody } from './receive.js'
import { clean, Redaction } from './redaction.js'
import { isForeign, retryAfter, type ServiceResponse, sayResponse, serviceResponse } from './response.js'
import { hostOf, seconds, target } from './say-request.js'

export type HttpRequest = AxiosRequestConfig

export interface HttpOptions {
  /** How long one attempt may take, its body included, in ms; of a download each piece. */
  timeout: number
  /** The first backoff, in ms; it doubles, with up to 20 % of jitter. */
  retryDelay: number
  /** With certificates of authorities that are believed besides the usual ones. */
  caFile?: string | undefined
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
/** How long a file may come; a report has up to a few GB. In ms. */
const LONGEST_DOWNLOAD = 60 * 60_000
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
  private readonly redaction = new Redaction()
  private readonly attempts = new WeakMap<object, Attempt>()
  private trust: { context: SecureContext | undefined } | undefined
  private readonly told = new Set<string>()

  constructor(private readonly options: HttpOptions) {
    this.axios = axios.create({
      // Collected here: axios would have a body twice in memory.
      responseType: 'stream',
      transformResponse: (body: unknown) => body,
      validateStatus: (status) => status < 500,
      maxRedirects: 0,
      maxContentLength: LARGEST_BODY,
      proxy: false
    })
    this.axios.interceptors.request.use((config) => this.begin(config))
    this.axios.interceptors.response.use(
      async (response) => {
        const whole = await this.received(response)
        return withBody(whole, this.decode(whole))
      },
      async (error) => {
        if (error.response) error.response = await this.received(error.response)
        else if (error.config) this.attempts.get(error.config)?.end()
        throw error
      }
    )
    axiosRetry(this.axios, {
      retries: ATTEMPTS - 1,
      retryCondition: (error) => !options.signal.aborted && !this.failureOf(error)?.lasting,
      retryDelay: (count, error) =>
        Math.min(exponentialDelay(count, error, options.retryDelay / 2), LONGEST_BACKOFF),
      onRetry: (count, error, config) => {
        config.signal = options.signal
        options.log.warn(
          `${target(config)}: ${this.reason(error)}; retrying, attempt ${count + 1} of ${ATTEMPTS}`
        )
      }
    })
  }

  /** From now on this value is cut out of whatever is told of the service's answers. */
  conceal(secret: string): void {
    this.redaction.conceal(secret)
  }

  /**
   * Any answer below 500 other than 429, its body parsed where it is JSON.
   * @throws TemporaryError when the attempts or the patience with 429 are used up, ConfigurationError where a proxy, a
   * certificate or a setting is in the way
   */
  async request(config: HttpRequest): Promise<ServiceResponse> {
    for (;;) {
      const response = await this.attempt(config)
      if (response.status !== 429) return response
      const asked = retryAfter(response, this.options.now()) ?? DEFAULT_RATE_LIMIT_WAIT
      const wait = Math.max(asked, SHORTEST_RATE_LIMIT_WAIT)
      if (this.rateLimitWait + wait > LONGEST_RATE_LIMIT_WAIT) {
        throw new TemporaryError(
          `${target(config)}: rate limited; the service asks for another ${seconds(wait)} after ${seconds(this.rateLimitWait)} of waiting, more than a run waits (${seconds(LONGEST_RATE_LIMIT_WAIT)}); the next run continues from here. ${sayResponse(response)}`
        )
      }
      this.options.log.warn(`${target(config)}: rate limited (429); waiting ${seconds(wait)}`)
      await this.options.sleep(wait, this.options.signal)
      this.rateLimitWait += wait
    }
  }

  /**
   * Writes the body of a 200 into a file; any other answer is as that of `request`, which throws the same.
   * @param path a file that is there is replaced
   */
  async download(config: HttpRequest, path: string): Promise<ServiceResponse> {
    return this.request(intoFile(config, path))
  }

  private async attempt(config: AxiosRequestConfig): Promise<ServiceResponse> {
    let answer: AxiosResponse
    try {
      answer = await this.axios.request(config)
    } catch (error) {
      // Axios errors carry the request with its Authorization header: they end here.
      throw this.failed(config, error)
    }
    const date = Date.parse(String(answer.headers.date))
    const now = this.options.now()
    const began = this.attempts.get(answer.config)?.began ?? now
    if (!Number.isNaN(date)) this.clockSkew = skewOf(date, began, now)
    const response = serviceResponse(answer, this.redaction)
    this.options.log.debug({ status: response.status, trackingId: response.trackingId }, target(config))
    // Those that reports are downloaded from answer 403 while there is no file, in a form that is not documented.
    const isUnclear = fileOf(config) !== undefined && response.status === 403
    if (isForeign(response) && !isUnclear) {
      throw new ConfigurationError(
        `${target(config)}: a ${response.status} response that is not from Webex: a proxy or firewall blocks the request; have it allow ${hostOf(config)} (docs/SECURITY.md lists all hosts)`
      )
    }
    return response
  }

  private begin(config: InternalAxiosRequestConfig): InternalAxiosRequestConfig {
    this.requests += 1
    const attempt = new Attempt(config, { ...this.options, secureContext: () => this.secureContext() })
    this.attempts.set(config, attempt)
    config.signal = attempt.signal
    if (attempt.connection) config.httpsAgent = attempt.connection.agent
    return config
  }

  private secureContext(): SecureContext | undefined {
    this.trust ??= { context: trustIn(this.options.caFile) }
    return this.trust.context
  }

  private failed(config: AxiosRequestConfig, error: unknown): CdrError {
    if (error instanceof CdrError) return error
    const { text, lasting } = this.failureOf(error) ?? { text: this.reason(error) }
    if (lasting) return new lasting.kind(`${target(config)}: ${text}; ${lasting.remedy}`)
    return new TemporaryError(
      `${target(config)}: ${text}, after ${ATTEMPTS} attempts; the next run tries again`,
      axios.isAxiosError(error) ? error.response?.status : undefined
    )
  }

  /** undefined where an answer came, or the request was ended from here. */
  private failureOf(error: unknown): NetworkFailure | undefined {
    if (!axios.isAxiosError(error) || error.response || !(error.cause instanceof Error)) return undefined
    const connection = error.config && this.attempts.get(error.config)?.connection
    return networkFailure(error.cause, {
      host: hostOf(error.config ?? {}),
      proxy: connection?.proxy,
      answer: connection?.answer
    })
  }

  private reason(error: unknown): string {
    if (!axios.isAxiosError(error)) return 'failed'
    const { proxy, answer } = (error.config && this.attempts.get(error.config)?.connection) ?? {}
    const through = proxy ? ` through ${proxy.name}` : ''
    if (error.code === AxiosError.ERR_CANCELED) {
      if (this.options.signal.aborted) return 'stopped'
      const within = `within ${seconds(this.options.timeout)}`
      if (proxy && !answer) return `no response from ${proxy.name} to CONNECT ${within}`
      const what = fileOf(error.config ?? {}) ? 'nothing more of the file' : 'no complete response'
      return `${what}${through} ${within}`
    }
    if (error.message.startsWith('maxContentLength'))
      return `a response of more than ${LARGEST_BODY / 2 ** 20} MB`
    if (error.response && error.response.status >= 500) return sayResponse(this.heard(error.response))
    const failure = this.failureOf(error)
    if (failure) return failure.text
    const said = [clean(error.message) || 'the connection failed', error.code && `(${error.code})`]
    return said.filter(Boolean).join(' ') + through
  }

  private heard(response: AxiosResponse): ServiceResponse {
    return serviceResponse({ ...response, data: textOf(this.decode(response)) }, this.redaction)
  }

  private async received(response: AxiosResponse): Promise<AxiosResponse> {
    const attempt = this.attempts.get(response.config)
    return receive(response, () => attempt?.prolong(LONGEST_DOWNLOAD)).finally(() => attempt?.end())
  }

  private decode({ data, headers }: Pick<AxiosResponse, 'data' | 'headers'>): readonly Uint8Array[] {
    const { chunks, fault } = decodeBody(data as Uint8Array[], String(headers['content-type']))
    if (fault && !this.told.has(fault)) this.options.log.warn(fault)
    if (fault) this.told.add(fault)
    return chunks
  }
}
