import { resolve } from 'node:path'
import { parseEnv } from 'node:util'
import { z } from 'zod'
import type { SecretName } from '../credentials/secret-store.js'
import type { RawJson } from '../entities/index.js'
import { ConfigurationError } from '../errors.js'
import type { LogLevel } from '../log.js'
import { readText } from '../read-text.js'
import { beginningOf, parseAge } from './ages.js'
import { cleanValue } from './clean-value.js'
import { CONFIG_FILE, type ConfigValues } from './config-file.js'
import { type DatabaseSettings, parseDatabaseUrl, withPassword } from './database-url.js'
import { isLoopback } from './loopback.js'
import type { RetentionPolicy } from './retention.js'
import { parseSecretStore, SECRET_STORE_FORMS, type SecretStoreSetting } from './secret-store-setting.js'

export interface WebexSettings {
  clientId?: string | undefined
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
  /** With certificates of authorities that are believed besides the usual ones; absolute. */
  caFile?: string | undefined
}

export interface Settings {
  database: DatabaseSettings
  webex: WebexSettings
  rawJson: RawJson
  retention: RetentionPolicy
  secretStore: SecretStoreSetting
  /** Where the key of an encrypted file may come from. */
  secretKey: { file?: string | undefined; value?: string | undefined }
  /** What the environment has of the secrets. */
  secrets: Partial<Record<SecretName, string | undefined>>
  logLevel: LogLevel
}

const LOG_LEVELS: readonly LogLevel[] = ['silent', 'fatal', 'error', 'warn', 'info', 'debug', 'trace']

const wholeNumber = (fallback: number, minimum: number, maximum: number) =>
  z
    .string()
    .regex(/^\d{1,9}$/, 'must be a whole number')
    .default(String(fallback))
    .transform(Number)
    .refine((n) => n >= minimum && n <= maximum, `must be ${minimum} to ${maximum}`)

const age = (leastDays = 1) =>
  z
    .string()
    .optional()
    .transform((text, context) => {
      if (text === undefined) return undefined
      const parsed = parseAge(text)
      const days = parsed && -beginningOf(parsed, 0) / 86_400_000
      if (days && days >= leastDays && days < 36_526) return parsed
      const bound = !days ? '' : days < leastDays ? ` of at least ${leastDays} days` : ' of at most 100 years'
      context.addIssue({
        code: 'custom',
        message: `must be an age${bound}, such as “400 days” or “13 months”`
      })
      return undefined
    })

const serviceUrl = (fallback: string) =>
  z
    .string()
    .default(fallback)
    .transform((text, context) => {
      const problem = urlProblem(text)
      if (problem) context.addIssue({ code: 'custom', message: `${problem}; the default is ${fallback}` })
      return text.replace(/\/+$/, '')
    })

function urlProblem(text: string): string | undefined {
  if (!URL.canParse(text)) return 'is not a URL'
  const url = new URL(text)
  if (url.username || url.password || url.search || url.hash) {
    return 'must be a plain URL, without user, query or fragment'
  }
  if (url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback(url.hostname))) return undefined
  return 'must start with https:// (http:// only for loopback)'
}

export const DEFAULT_DATABASE_URL = 'sqlite:webex-cdr.db'

const environment = z.object({
  DATABASE_URL: z.string().default(DEFAULT_DATABASE_URL),
  WEBEX_CLIENT_ID: z.string().optional(),
  WEBEX_CLIENT_SECRET: z.string().optional(),
  WEBEX_REFRESH_TOKEN: z.string().optional(),
  DATABASE_PASSWORD: z.string().optional(),
  SECRET_STORE: z
    .string()
    .default('env')
    .transform((text, context) => {
      const setting = parseSecretStore(text)
      if (!setting) context.addIssue({ code: 'custom', message: SECRET_STORE_FORMS })
      return setting ?? { kind: 'env' as const }
    }),
  SECRET_KEY_FILE: z.string().optional(),
  SECRET_KEY: z.string().optional(),
  WEBEX_API_URL: serviceUrl('https://webexapis.com/v1'),
  WEBEX_ANALYTICS_URL: serviceUrl('https://analytics-calling.webexapis.com/v1'),
  WEBEX_REQUESTS_PER_MINUTE: wholeNumber(1, 0, 10_000),
  WEBEX_PAGES_PER_MINUTE: wholeNumber(10, 0, 10_000),
  WEBEX_TIMEOUT_SECONDS: wholeNumber(60, 1, 3_600),
  WEBEX_RETRY_DELAY_MS: wholeNumber(1_000, 0, 60_000),
  WEBEX_MAX_PER_PAGE: wholeNumber(5_000, 500, 5_000),
  WEBEX_CA_FILE: z.string().optional(),
  RAW_JSON: z.enum(['all', 'rest'], 'must be all or rest').default('all'),
  RETAIN_RECORDS: age(),
  RETAIN_RAW_JSON: age(),
  // `sync` learns from the last 14 days how late records come.
  RETAIN_RUNS: age(31),
  MASK_AFTER: age(),
  MASK_NUMBERS: z
    .string()
    .regex(/^([1-9]|1\d|hash)$/, 'must be hash, or how many digits to cut, 1 to 19')
    .default('3')
    .transform((text) => (text === 'hash' ? text : Number(text))),
  MASK_KEY: z.string().optional(),
  LOG_LEVEL: z.enum(LOG_LEVELS, `must be one of ${LOG_LEVELS.join(', ')}`).default('info')
})

/** The names of all settings, for the documentation's test. */
export const SETTING_NAMES = Object.keys(environment.shape)

/** What is wrong with the text of a setting, in words behind its name; undefined where nothing is. */
export function faultOfSetting(name: keyof typeof environment.shape, text: string): string | undefined {
  const { error } = environment.shape[name].safeParse(text)
  return error?.issues[0]?.message
}

const SECRET_SETTINGS = [
  'WEBEX_CLIENT_SECRET',
  'WEBEX_REFRESH_TOKEN',
  'DATABASE_PASSWORD',
  'SECRET_KEY',
  'MASK_KEY'
]

/**
 * What the environment, or the config file, has of the settings; an empty one counts as not set.
 * @throws ConfigurationError as `loadSettings` does
 */
export function cleanValues(source: NodeJS.ProcessEnv | ConfigValues): ConfigValues {
  return Object.fromEntries(SETTING_NAMES.map((name) => [name, cleanValue(name, source[name])]))
}

/**
 * Reads the settings from environment variables, and what these leave open from the config file.
 * @throws ConfigurationError that names the first wrong setting, its fault and the remedy, never its value
 */
export function loadSettings(env: NodeJS.ProcessEnv = process.env, file: ConfigValues = {}): Settings {
  checkConfigFile(file)
  const [above, below] = [cleanValues(env), cleanValues(file)]
  const given = Object.fromEntries(SETTING_NAMES.map((name) => [name, above[name] ?? below[name]]))
  const result = environment.safeParse(given)
  if (!result.success) {
    const [issue] = result.error.issues
    throw new ConfigurationError(`${String(issue?.path[0])} ${issue?.message}`)
  }
  const values = result.data
  return {
    database: withPassword(parseDatabaseUrl(values.DATABASE_URL), values.DATABASE_PASSWORD ?? ''),
    webex: {
      clientId: values.WEBEX_CLIENT_ID,
      apiUrl: values.WEBEX_API_URL,
      analyticsUrl: values.WEBEX_ANALYTICS_URL,
      requestsPerMinute: values.WEBEX_REQUESTS_PER_MINUTE,
      pagesPerMinute: values.WEBEX_PAGES_PER_MINUTE,
      timeout: values.WEBEX_TIMEOUT_SECONDS * 1_000,
      retryDelay: values.WEBEX_RETRY_DELAY_MS,
      maxPerPage: values.WEBEX_MAX_PER_PAGE,
      caFile: values.WEBEX_CA_FILE && resolve(values.WEBEX_CA_FILE)
    },
    rawJson: values.RAW_JSON,
    retention: {
      records: values.RETAIN_RECORDS,
      rawJson: values.RETAIN_RAW_JSON,
      runs: values.RETAIN_RUNS,
      mask: values.MASK_AFTER,
      numbers: values.MASK_NUMBERS
    },
    secretStore: values.SECRET_STORE,
    secretKey: { file: values.SECRET_KEY_FILE, value: values.SECRET_KEY },
    secrets: {
      'client-secret': values.WEBEX_CLIENT_SECRET,
      'refresh-token': values.WEBEX_REFRESH_TOKEN,
      'database-password': values.DATABASE_PASSWORD,
      'mask-key': values.MASK_KEY
    },
    logLevel: values.LOG_LEVEL
  }
}

/** A misspelt name would be a setting that is silently not there; a secret would be one that anybody can read. */
function checkConfigFile(file: ConfigValues): void {
  const unknown = Object.keys(file).find((name) => !SETTING_NAMES.includes(name))
  if (unknown !== undefined)
    throw new ConfigurationError(
      `${CONFIG_FILE} has an unknown setting “${unknown}”: README, “Settings”, lists all`
    )
  const secret = SECRET_SETTINGS.find((name) => file[name])
  if (secret) {
    throw new ConfigurationError(
      `${CONFIG_FILE} contains ${secret}, which is a secret: remove it and run \`npm run setup\``
    )
  }
  const url = file.DATABASE_URL
  if (url?.startsWith('mssql:') && URL.canParse(url) && new URL(url).password) {
    throw new ConfigurationError(
      `${CONFIG_FILE} contains a password in DATABASE_URL: remove it and run \`npm run setup\`, or set DATABASE_PASSWORD`
    )
  }
}

/**
 * Adds the variables of a `.env` file in the working directory; those already set stay.
 * @throws ConfigurationError
 */
export function readEnvFile(path = '.env'): void {
  for (const [name, value] of Object.entries(parseEnv(readText(path) ?? ''))) process.env[name] ??= value
}
