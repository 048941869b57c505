import { resolve } from 'node:path'
import { ConfigurationError } from '../errors.js'
import { type MssqlAuthentication, mssqlAuthentication } from './mssql-authentication.js'

export type DatabaseSettings = SqliteSettings | MssqlSettings

export interface SqliteSettings {
  type: 'sqlite'
  /** Absolute. */
  path: string
}

export interface MssqlSettings {
  type: 'mssql'
  host: string
  /** Without an instance name. */
  port: number
  /** A named instance; SQL Server Browser is asked for its port. */
  instance?: string
  database: string
  authentication: MssqlAuthentication
  /** TLS on the wire. */
  encrypt: boolean
  /** Accept a certificate that no known authority signed. */
  trustServerCertificate: boolean
  /** The path of a PEM file with the certificates of the authorities to believe, in place of the system's. */
  ca?: string
  /** Try all addresses of an availability group's listener at once. */
  multiSubnetFailover: boolean
}

/** The login takes a password, and the URL has none: it is kept somewhere else. */
export function lacksPassword(settings: DatabaseSettings): boolean {
  return passwordOption(settings) === ''
}

/** The same with this password, where the URL has none. */
export function withPassword(settings: DatabaseSettings, password: string): DatabaseSettings {
  if (settings.type === 'sqlite' || !lacksPassword(settings)) return settings
  const { authentication } = settings
  const name = 'clientSecret' in authentication.options ? 'clientSecret' : 'password'
  const options = { ...authentication.options, [name]: password }
  return { ...settings, authentication: { ...authentication, options } as MssqlAuthentication }
}

function passwordOption(settings: DatabaseSettings): string | undefined {
  if (settings.type === 'sqlite') return undefined
  const { options } = settings.authentication
  if ('clientSecret' in options) return options.clientSecret
  return 'password' in options ? options.password : undefined
}

const FORMS = 'use sqlite:path/to/file.db or mssql://user:password@host:1433/database?encrypt=true'
const OPTIONS = [
  'encrypt',
  'trustServerCertificate',
  'ca',
  'instance',
  'multiSubnetFailover',
  'authentication',
  'domain',
  'tenantId',
  'clientId'
]

/**
 * Reads `sqlite:path` or `mssql://user:password@host:port/database?option=…`; README lists the options.
 * @throws ConfigurationError that says what is wrong; it never repeats the URL, which holds a password
 */
export function parseDatabaseUrl(text: string): DatabaseSettings {
  if (text.startsWith('sqlite:')) {
    const path = text.slice('sqlite:'.length)
    if (!path || path.startsWith('//') || path === ':memory:') {
      throw new ConfigurationError('DATABASE_URL has no file: use sqlite:path/to/file.db')
    }
    return { type: 'sqlite', path: resolve(path) }
  }
  if (!text.startsWith('mssql:')) throw new ConfigurationError(`DATABASE_URL has an unknown format: ${FORMS}`)
  const [, host = ''] = /^mssql:\/\/(?:[^/?#]*@)?([^/?#@]*)/.exec(text) ?? []
  if (host.includes(',')) {
    throw new ConfigurationError('DATABASE_URL has a comma before the port, as in SSMS: use host:1433')
  }
  if (/\\|%5c/i.test(host)) {
    throw new ConfigurationError(
      'DATABASE_URL has a backslash before the instance, as in SSMS: use mssql://user:password@host/database?instance=NAME'
    )
  }
  // A URL loses its tabs and line ends, and what follows a # is no part of what is read here.
  if (!URL.canParse(text) || /[\t\r\n#]/.test(text.trim())) {
    throw new ConfigurationError(
      'DATABASE_URL is not a URL: write characters such as @ : / ? # % of a user name or password percent-encoded (@ is %40)'
    )
  }
  return mssqlSettings(new URL(text))
}

function mssqlSettings(url: URL): MssqlSettings {
  const path = url.pathname.slice(1)
  if (!url.hostname) throw new ConfigurationError(`DATABASE_URL has no host: ${FORMS}`)
  if (!path || path.includes('/')) throw new ConfigurationError(`DATABASE_URL has no database: ${FORMS}`)
  for (const name of url.searchParams.keys()) {
    if (!OPTIONS.includes(name)) {
      throw new ConfigurationError(
        `DATABASE_URL has an unknown option; valid options are ${OPTIONS.join(', ')}`
      )
    }
  }
  const instance = text(url, 'instance')
  if (instance && url.port) {
    throw new ConfigurationError('DATABASE_URL has both a port and an instance: use only one of them')
  }
  const ca = text(url, 'ca')
  return {
    type: 'mssql',
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port: url.port ? Number(url.port) : 1433,
    ...(instance ? { instance } : {}),
    database: decode(path),
    authentication: mssqlAuthentication({
      type: text(url, 'authentication'),
      username: decode(url.username),
      password: decode(url.password),
      domain: text(url, 'domain'),
      tenantId: text(url, 'tenantId'),
      clientId: text(url, 'clientId')
    }),
    encrypt: flag(url, 'encrypt', true),
    trustServerCertificate: flag(url, 'trustServerCertificate', false),
    ...(ca ? { ca: resolve(ca) } : {}),
    multiSubnetFailover: flag(url, 'multiSubnetFailover', false)
  }
}

function text(url: URL, name: string): string | undefined {
  return url.searchParams.get(name) || undefined
}

function flag(url: URL, name: string, fallback: boolean): boolean {
  const value = url.searchParams.get(name)
  if (value === null) return fallback
  if (value !== 'true' && value !== 'false') {
    throw new ConfigurationError(`DATABASE_URL option ${name} must be true or false`)
  }
  return value === 'true'
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    throw new ConfigurationError('DATABASE_URL has a stray %: write it as %25')
  }
}
