import { CONFIG_FILE, type ConfigValues } from '../config/config-file.js'
import {
  type DatabaseSettings,
  lacksPassword,
  parseDatabaseUrl,
  withPassword
} from '../config/database-url.js'
import { saySecretStore } from '../config/secret-store-setting.js'
import type { Settings } from '../config/settings.js'
import { connect } from '../database/data-source.js'
import { sayHolder } from '../database/lease-holder.js'
import { checkTables, type DatabaseFindings } from '../doctor/database.js'
import { ConfigurationError, TemporaryError, UsageError } from '../errors.js'
import type { Log } from '../log.js'
import type { Choices, Present } from './choices.js'
import { DraftStore } from './draft-store.js'
import { storeAll, tryStore } from './keep.js'
import type { SetupTools } from './tools.js'
import { authorizeAndTest } from './webex-trial.js'

export interface SetupResult {
  database: DatabaseSettings
  /** The tables are there, and no migration is pending. */
  migrated: boolean
  place: string
}

/**
 * Tests the choices, one after the other, and stores them when all have passed.
 * @param checkOnly stores nothing; only a successor of the stored refresh token is kept
 * @throws what is wrong; by then nothing has been stored
 */
export async function setUp(
  choices: Choices,
  present: Present,
  checkOnly: boolean,
  tools: SetupTools
): Promise<SetupResult> {
  const database = await databaseOf(choices, present)
  const changes = changesOf(choices, present.settings)
  refuseShadowed(changes, present.env)
  await tryStore(choices, present.settings, tools.log)
  const tables = await checkTables(database)
  tools.passed(`${tables.reachable.message}; migrations: ${tables.migrations.message}`)
  const place = await underLease(database, tables, tools.log, async () => {
    const secrets = new DraftStore(present.secrets)
    const analyticsUrl = await authorizeAndTest(choices, present, secrets, tools)
    if (checkOnly) return secrets.place
    // Where the environment names another host, that one goes on sending us to this one, with a warning.
    const region = present.env.WEBEX_ANALYTICS_URL ? {} : regionChange(analyticsUrl, present.settings)
    return storeAll(choices, { ...changes, ...region }, secrets, present, tools)
  })
  return { database, migrated: tables.migrated, place }
}

/** @throws UsageError when a password is missing */
async function databaseOf({ database }: Choices, { settings, secrets }: Present): Promise<DatabaseSettings> {
  const chosen = database.changed ? parseDatabaseUrl(database.url) : settings.database
  if (!lacksPassword(chosen)) return chosen
  const password = database.password ?? (await secrets?.read('database-password'))
  if (!password)
    throw new UsageError('--sql-password is needed: give it, or run setup on a terminal, which asks')
  return withPassword(chosen, password)
}

/** What is to stand in the config file and does not yet. */
function changesOf({ clientId, database, analyticsUrl, store }: Choices, settings: Settings): ConfigValues {
  return {
    ...(clientId === settings.webex.clientId ? {} : { WEBEX_CLIENT_ID: clientId }),
    ...(database.changed ? { DATABASE_URL: database.url } : {}),
    ...regionChange(analyticsUrl, settings),
    ...(store.store.kind === 'env' && settings.secretStore.kind === 'env'
      ? {}
      : { SECRET_STORE: saySecretStore(store.store) }),
    ...(store.keyFile === settings.secretKey.file ? {} : { SECRET_KEY_FILE: store.keyFile })
  }
}

function regionChange(analyticsUrl: string, settings: Settings): ConfigValues {
  return analyticsUrl === settings.webex.analyticsUrl ? {} : { WEBEX_ANALYTICS_URL: analyticsUrl }
}

/** The environment stands above the config file: what setup writes there would not be heard. */
function refuseShadowed(changes: ConfigValues, env: NodeJS.ProcessEnv): void {
  const shadowed = Object.keys(changes).find((name) => env[name] && env[name] !== changes[name])
  if (!shadowed) return
  throw new ConfigurationError(
    `${shadowed} is set in the environment or .env, which stand above ${CONFIG_FILE}: take it out there and run setup again`
  )
}

/** A sync that runs has the refresh token in use. */
async function underLease<T>(
  database: DatabaseSettings,
  { migrated }: DatabaseFindings,
  log: Log,
  work: () => Promise<T>
): Promise<T> {
  if (!migrated) return work()
  const dataSource = await connect(database, { log })
  try {
    const { Lease } = await import('../database/lease.js')
    const held = await Lease.hold(dataSource, log, work)
    if ('result' in held) return held.result
    throw new TemporaryError(
      `a sync is running (${sayHolder(held.holder)}) and uses the refresh token: run setup again when it has ended`
    )
  } finally {
    await dataSource.destroy()
  }
}
