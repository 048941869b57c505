import { existsSync } from 'node:fs'
import { z } from 'zod'
import type { Credentials } from '../credentials/secret-store.js'
import { ConfigurationError } from '../errors.js'
import { type DatabaseSettings, parseDatabaseUrl } from './database-url.js'
import { isLoopback } from './loopback.js'

export interface WebexSettings {
  /** OAuth's base, without a trailing slash. */
  apiUrl: string
  /** The base of cdr_feed, without a trailing slash. */
  analyticsUrl: string
  /** Initial requests a minute; 0 = no pacing. */
  requestsPerMinute: number
  /** Page requests a minute; 0 = no pacing. */
  pagesPerMinute: number
  /** How long one request may take, its body included, in ms. */
  timeout: number
  /** The first backoff, in ms. */
  retryDelay: number
  maxPerPage: number
}

export interface Settings {
  database: DatabaseSettings
  webex: WebexSettings
  /** What of the OAuth credentials is set; `requireCredentials` asks for the whole. */
  credentials: Partial<Credentials>
  logLevel: LogLevel
}

export const LOG_LEVELS = ['silent', 'fatal', 'error', 'warn', 'info', 'debug', 'trace'] as const
export type LogLevel = (typeof LOG_LEVELS)[number]

const wholeNumber = (fallback: number, minimum: number, maximum: number) =>
  z
    .string()
    .regex(/^\d{1,9}$/, 'must be a whole number')
    .default(String(fallback))
    .transform(Number)
    .refine((n) => n >= minimum && n <= maximum, `must be ${minimum} to ${maximum}`)

const serviceUrl = (fallback: string) =>
  z
    .string()
    .default(fallback)
    .transform((text, context) => {
      const problem = urlProblem(text)
      if (problem) context.addIssue({ code: 'custom', message: `${problem}; the usual value is ${fallback}` })
      return text.replace(/\/+$/, '')
    })

function urlProblem(text: string): string | undefined {
  if (!URL.canParse(text)) return 'is not a URL'
  const url = new URL(text)
  if (url.username || url.password || url.search || url.hash) {
    return 'must be a plain URL, without user, query or fragment'
  }
  if (url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback(url.hostname))) return undefined
  return 'must begin with https:// (plain http is for loopback only)'
}

const environment = z.object({
  DATABASE_URL: z.string().default('sqlite:webex-cdr.db'),
  WEBEX_CLIENT_ID: z.string().optional(),
  WEBEX_CLIENT_SECRET: z.string().optional(),
  WEBEX_REFRESH_TOKEN: z.string().optional(),
  WEBEX_API_URL: serviceUrl('https://webexapis.com/v1'),
  WEBEX_ANALYTICS_URL: serviceUrl('https://analytics-calling.webexapis.com/v1'),
  WEBEX_REQUESTS_PER_MINUTE: wholeNumber(1, 0, 10_000),
  WEBEX_PAGES_PER_MINUTE: wholeNumber(10, 0, 10_000),
  WEBEX_TIMEOUT_SECONDS: wholeNumber(60, 1, 3_600),
  WEBEX_RETRY_DELAY_MS: wholeNumber(1_000, 0, 60_000),
  WEBEX_MAX_PER_PAGE: wholeNumber(5_000, 500, 5_000),
  LOG_LEVEL: z.enum(LOG_LEVELS, `must be one of ${LOG_LEVELS.join(', ')}`).default('info')
})

/** The names of all settings, for the documentation's test. */
export const SETTING_NAMES = Object.keys(environment.shape)

/**
 * Reads the settings from environment variables; an empty one counts as not set.
 * @throws ConfigurationError that names the first wrong setting, its fault and the remedy, never its value
 */
export function loadSettings(env: NodeJS.ProcessEnv = process.env): Settings {
  const given = Object.fromEntries(SETTING_NAMES.map((name) => [name, env[name] || undefined]))
  const result = environment.safeParse(given)
  if (!result.success) {
    const [issue] = result.error.issues
    throw new ConfigurationError(`${String(issue?.path[0])} ${issue?.message}`)
  }
  const values = result.data
  return {
    database: parseDatabaseUrl(values.DATABASE_URL),
    webex: {
      apiUrl: values.WEBEX_API_URL,
      analyticsUrl: values.WEBEX_ANALYTICS_URL,
      requestsPerMinute: values.WEBEX_REQUESTS_PER_MINUTE,
      pagesPerMinute: values.WEBEX_PAGES_PER_MINUTE,
      timeout: values.WEBEX_TIMEOUT_SECONDS * 1_000,
      retryDelay: values.WEBEX_RETRY_DELAY_MS,
      maxPerPage: values.WEBEX_MAX_PER_PAGE
    },
    credentials: {
      clientId: values.WEBEX_CLIENT_ID,
      clientSecret: values.WEBEX_CLIENT_SECRET,
      refreshToken: values.WEBEX_REFRESH_TOKEN
    },
    logLevel: values.LOG_LEVEL
  }
}

/** Adds the variables of a `.env` file in the working directory; those already set stay. */
export function readEnvFile(path = '.env'): void {
  if (!existsSync(path)) return
  try {
    process.loadEnvFile(path)
  } catch {
    throw new ConfigurationError(
      `${path} cannot be read: make it a text file of lines NAME=value, or remove it`
    )
  }
}

/** @throws ConfigurationError that names every missing credential */
export function requireCredentials({ credentials }: Settings): Credentials {
  const { clientId, clientSecret, refreshToken } = credentials
  const missing = [
    !clientId && 'WEBEX_CLIENT_ID',
    !clientSecret && 'WEBEX_CLIENT_SECRET',
    !refreshToken && 'WEBEX_REFRESH_TOKEN'
  ].filter(Boolean)
  if (!clientId || !clientSecret || !refreshToken) {
    throw new ConfigurationError(
      `${missing.join(', ')} not set: put the credentials of your Webex integration or Service App into the environment or into .env (README, “Settings”)`
    )
  }
  return { clientId, clientSecret, refreshToken }
}
