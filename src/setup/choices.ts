import { resolve } from 'node:path'
import { cloudOf, requireOneCloud } from '../config/clouds.js'
import type { ConfigValues } from '../config/config-file.js'
import { lacksPassword, parseDatabaseUrl } from '../config/database-url.js'
import type { Settings, WebexSettings } from '../config/settings.js'
import { cleanSecret, cleanToken } from '../credentials/clean-secret.js'
import { readSecret } from '../credentials/credentials.js'
import type { SecretStore } from '../credentials/secret-store.js'
import { UsageError } from '../errors.js'
import { chooseDatabase, type DatabaseChoice } from './database-choice.js'
import { flagName, SECRET_FLAGS, type SetupFlags } from './flags.js'
import { CDR_SCOPE, DEFAULT_REDIRECT_URI, type Grant, grantOf } from './grant.js'
import { chooseKept, type KeptChoice } from './kept-choice.js'
import { type RegionUrls, urlsOfRegion } from './regions.js'
import { chooseStore, type StoreChoice, storeKind } from './store-choice.js'

/** What is to be set up, complete. */
export interface Choices {
  clientId: string
  clientSecret: string
  /** keep: the refresh token that is stored. */
  grant: Grant | 'keep'
  /** Of the grant of that name. */
  refreshToken?: string | undefined
  redirectUri: string
  scopes: string[]
  database: DatabaseChoice
  apiUrl: string
  analyticsUrl: string
  /** For WEBEX_CA_FILE; absolute. */
  caFile?: string | undefined
  kept: KeptChoice
  store: StoreChoice
}

/** What is in force before setup: it changes only what is given. */
export interface Present {
  settings: Settings
  /** DATABASE_URL as it is set. */
  databaseUrl: string
  /** The store in use; undefined where it cannot be opened. */
  secrets: SecretStore | undefined
  /** Of the environment: what setup takes in place of flags. */
  env: ConfigValues
}

/**
 * What is in force for this region: of another cloud nothing that opens the one that is set up.
 * @throws UsageError as `urlsOfRegion` does
 */
export function presentFor(region: string | undefined, present: Present): Present {
  const { settings, env } = present
  if (region === undefined) return present
  const [here, there] = [cloudOf(settings.webex.apiUrl), cloudOf(urlsOfRegion(region).apiUrl)]
  if (here === undefined || here === there) return present
  const webex = { ...settings.webex, clientId: env.WEBEX_CLIENT_ID }
  return { ...present, settings: { ...settings, webex }, secrets: undefined }
}

/** The secrets that are given now, or, undefined, are to stay as they are stored. */
function given(flags: SetupFlags, { settings, env }: Present) {
  // Variables that were left behind when the secrets moved to another store must not bring old ones back.
  const fresh = settings.secretStore.kind === 'env' || flags.store === 'env'
  const isOther = flags.clientId !== undefined && flags.clientId !== settings.webex.clientId
  const isSqlServer = flags.databaseUrl?.startsWith('mssql:') || flags.sqlServer || flags.sqlUsername
  return {
    clientSecret: flags.clientSecret || (fresh || isOther ? env.WEBEX_CLIENT_SECRET : undefined),
    refreshToken:
      flags.refreshToken || (fresh || flags.grant === 'refresh-token' ? env.WEBEX_REFRESH_TOKEN : undefined),
    sqlPassword: flags.sqlPassword ?? (fresh || isSqlServer ? env.DATABASE_PASSWORD || undefined : undefined)
  }
}

/** @throws ConfigurationError where they are not of one cloud */
function urlsOf({ apiUrl, analyticsUrl }: WebexSettings): RegionUrls {
  requireOneCloud({ apiUrl, analyticsUrl })
  return { apiUrl, analyticsUrl }
}

function cleanFlags(flags: SetupFlags): SetupFlags {
  const { clientId, clientSecret, refreshToken, sqlPassword } = flags
  return {
    ...flags,
    clientId: clientId && cleanToken(clientId, '--client-id'),
    clientSecret: clientSecret && cleanSecret('client-secret', clientSecret, '--client-secret'),
    refreshToken: refreshToken && cleanSecret('refresh-token', refreshToken, '--refresh-token'),
    sqlPassword: sqlPassword && cleanSecret('database-password', sqlPassword, '--sql-password')
  }
}

/** Which of the flags that cannot be done without are not given, and have no value yet. */
async function missingFlags(flags: SetupFlags, present: Present): Promise<(keyof SetupFlags)[]> {
  const { settings, secrets } = present
  const { clientSecret, refreshToken } = given(flags, present)
  const hasToken = refreshToken || (await secrets?.read('refresh-token'))
  const missing: (keyof SetupFlags)[] = []
  if (!flags.clientId && !settings.webex.clientId) missing.push('clientId')
  if (!clientSecret && !(await secrets?.read('client-secret'))) missing.push('clientSecret')
  if (!flags.grant && !hasToken) missing.push('grant')
  if (flags.grant === 'refresh-token' && !refreshToken) missing.push('refreshToken')
  if (!flags.store && !flags.check && settings.secretStore.kind === 'env') missing.push('store')
  return missing
}

function sayMissing(missing: (keyof SetupFlags)[]): string {
  const [first, ...others] = missing.map((name) =>
    name === 'grant' ? '--refresh-token (or --grant browser or device)' : flagName(name)
  )
  const more = others.length > 0 ? `, and ${others.join(', ')}` : ''
  const lines = missing.flatMap((name) => {
    const secret = name === 'grant' ? 'refreshToken' : name
    return SECRET_FLAGS.some((flag) => flag === secret) ? `${flagName(secret)} -` : []
  })
  const how =
    lines.length > 0 ? `, secrets as \`${lines.join(' ')}\` with one line of standard input for each -` : ''
  return `${first} is required${more}: specify it${how}, or run setup on a terminal, where it asks`
}

/** @throws UsageError for what is missing or does not go together, ConfigurationError for a wrong DATABASE_URL */
export async function choose(typed: SetupFlags, inForce: Present): Promise<Choices> {
  const flags = cleanFlags(typed)
  const present = presentFor(flags.region, inForce)
  const missing = await missingFlags(flags, present)
  if (missing.length > 0) throw new UsageError(sayMissing(missing))
  const { settings, secrets } = present
  const { clientSecret, refreshToken, sqlPassword } = given(flags, present)
  const grant = flags.grant === undefined ? (refreshToken ? 'refresh-token' : 'keep') : grantOf(flags.grant)
  if (flags.redirectUri !== undefined && grant !== 'browser') {
    throw new UsageError('--redirect-uri needs --grant browser')
  }
  if (flags.refreshToken !== undefined && grant !== 'refresh-token') {
    throw new UsageError(`--refresh-token cannot be used with --grant ${grant}`)
  }
  if (flags.scopes !== undefined && grant !== 'browser' && grant !== 'device') {
    throw new UsageError(
      '--scopes needs --grant browser or device: the scopes of an existing token are fixed'
    )
  }
  const kind = storeKind(flags.store ?? settings.secretStore.kind)
  const database = chooseDatabase(flags, present.databaseUrl, sqlPassword)
  const needed = {
    WEBEX_CLIENT_SECRET: clientSecret,
    WEBEX_REFRESH_TOKEN: refreshToken,
    ...(lacksPassword(database.changed ? parseDatabaseUrl(database.url) : settings.database)
      ? { DATABASE_PASSWORD: database.password }
      : {})
  }
  const isTried = flags.store === 'env' || !flags.check
  if (kind === 'env' && isTried) requireInEnvironment(grant, needed, present.env)
  return {
    clientId: flags.clientId || settings.webex.clientId || '',
    clientSecret: clientSecret || (await readSecret(secrets, 'client-secret')),
    grant,
    refreshToken,
    redirectUri: flags.redirectUri ?? DEFAULT_REDIRECT_URI,
    scopes: (flags.scopes ?? CDR_SCOPE).split(/[\s,]+/).filter(Boolean),
    database,
    ...(flags.region === undefined ? urlsOf(settings.webex) : urlsOfRegion(flags.region)),
    caFile: flags.caFile === undefined ? settings.webex.caFile : resolve(flags.caFile),
    kept: chooseKept(flags, present),
    store: chooseStore(kind, settings, flags.keyFile)
  }
}

/**
 * @param needed what is to be used, by the variables that have to have it
 * @throws UsageError
 */
function requireInEnvironment(
  grant: Choices['grant'],
  needed: Record<string, string | undefined>,
  env: ConfigValues
): void {
  const missing = Object.keys(needed).filter((name) => !env[name])
  if (missing.length > 0) {
    throw new UsageError(
      `--store env saves nothing: first set ${missing.join(', ')} in the environment or .env`
    )
  }
  const other = Object.keys(needed).find((name) => env[name] !== needed[name])
  if (grant !== 'refresh-token' || other) {
    throw new UsageError(
      `--store env saves nothing: ${other ? `set ${other} in the environment or .env, not here` : `--grant ${grant} needs another store`}`
    )
  }
}
