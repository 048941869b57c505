import type { ConfigValues } from '../config/config-file.js'
import {
  type DatabaseSettings,
  lacksPassword,
  parseDatabaseUrl,
  withPassword
} from '../config/database-url.js'
import { saySecretStore } from '../config/secret-store-setting.js'
import type { Settings } from '../config/settings.js'
import { checkTables } from '../doctor/database.js'
import { UsageError } from '../errors.js'
import type { Choices, Present } from './choices.js'
import { DraftStore } from './draft-store.js'
import { Keeper } from './keeper.js'
import { refuseShadowed } from './shadowed.js'
import type { SetupTools } from './tools.js'
import { authorizeAndTest } from './webex-trial.js'
import { whileNoSyncRuns } from './while-no-sync-runs.js'

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
  const changes = changesOf(choices, present)
  refuseShadowed(changes, present.env)
  refuseShadowed({ DATABASE_PASSWORD: choices.database.password }, present.env)
  const tables = await checkTables(database)
  const migrations = tables.reachable.status === 'ok' ? `; migrations: ${tables.migrations.message}` : ''
  tools.passed(`${tables.reachable.message}${migrations}`)
  const place = await whileNoSyncRuns(present.settings, present.secrets, tools.log, async () => {
    const secrets = new DraftStore(present.secrets)
    const keeper = checkOnly ? undefined : await Keeper.open(choices.store, present.settings, tools.log)
    try {
      const analyticsUrl = await authorizeAndTest(choices, present, secrets, tools)
      if (!keeper) {
        await warnOfSuccessor(choices, secrets, tools)
        return secrets.place
      }
      // Where the environment names another host, that one goes on sending us to this one, with a warning.
      const region = present.env.WEBEX_ANALYTICS_URL ? {} : regionChange(analyticsUrl, present.settings)
      if (choices.database.password) secrets.give('database-password', choices.database.password)
      const place = await keeper.keep({ ...changes, ...region }, secrets, present.secrets, tools.passed)
      if (choices.store.store.kind === 'env') await warnOfSuccessor(choices, secrets, tools)
      return place
    } catch (error) {
      keeper?.undo()
      await warnOfSuccessor(choices, secrets, tools)
      throw tools.signal.aborted ? tools.signal.reason : error
    }
  })
  return { database, migrated: tables.migrated, place }
}

/** A token that was given is spent by a test; the one that replaced it is not kept. */
async function warnOfSuccessor(
  { grant, refreshToken }: Choices,
  secrets: DraftStore,
  { log }: SetupTools
): Promise<void> {
  const present = await secrets.read('refresh-token')
  if (grant !== 'refresh-token' || present === undefined || present === refreshToken) return
  log.warn(
    'Webex has replaced the refresh token that was given, and the new one was not stored: take a new one from developer.webex.com for the next setup'
  )
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
function changesOf(
  { clientId, database, analyticsUrl, store }: Choices,
  { settings }: Present
): ConfigValues {
  const isEnv = store.store.kind === 'env' && settings.secretStore.kind === 'env'
  return {
    ...(clientId === settings.webex.clientId ? {} : { WEBEX_CLIENT_ID: clientId }),
    ...(database.changed ? { DATABASE_URL: database.url } : {}),
    ...regionChange(analyticsUrl, settings),
    ...(isEnv ? {} : { SECRET_STORE: saySecretStore(store.store) }),
    ...(store.keyFile === settings.secretKey.file ? {} : { SECRET_KEY_FILE: store.keyFile })
  }
}

function regionChange(analyticsUrl: string, settings: Settings): ConfigValues {
  return analyticsUrl === settings.webex.analyticsUrl ? {} : { WEBEX_ANALYTICS_URL: analyticsUrl }
}
