import type { ConfigValues } from '../config/config-file.js'
import {
  type DatabaseSettings,
  lacksPassword,
  parseDatabaseUrl,
  withPassword
} from '../config/database-url.js'
import { saySecretStore } from '../config/secret-store-setting.js'
import type { Settings } from '../config/settings.js'
import { readSecret } from '../credentials/credentials.js'
import type { SecretStore } from '../credentials/secret-store.js'
import { sayDatabase } from '../database/say-database.js'
import { requireAccess } from '../database/sqlite-access.js'
import { checkTables } from '../doctor/database.js'
import { notLater } from '../doctor/webex.js'
import { UsageError } from '../errors.js'
import type { Log } from '../log.js'
import { uninterrupted } from '../uninterrupted.js'
import type { Choices, Present } from './choices.js'
import { DraftStore } from './draft-store.js'
import { Keeper } from './keeper.js'
import type { RegionUrls } from './regions.js'
import { refuseShadowed } from './shadowed.js'
import { stoppable } from './stoppable.js'
import type { SetupTools } from './tools.js'
import { authorizeAndTest } from './webex-trial.js'
import { whileNoSyncRuns } from './while-no-sync-runs.js'

export interface SetupResult {
  database: DatabaseSettings
  /** The tables are there, and no migration is pending. */
  migrated: boolean
  /** Something is to be deleted or masked when it is old enough. */
  hasPolicy: boolean
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
  const region = (analyticsUrl: string) => regionChange({ ...choices, analyticsUrl }, present.settings)
  refuseShadowed({ ...changes, ...region(choices.analyticsUrl) }, present.env)
  refuseShadowed({ DATABASE_PASSWORD: choices.database.password }, present.env)
  requireAccess(database)
  const tables = await checkTables(database, tools.log)
  const migrations = tables.reachable.status === 'ok' ? `; migrations: ${tables.migrations.message}` : ''
  const trust = trustsAny(database) ? '; any certificate is trusted (trustServerCertificate=true)' : ''
  tools.passed(`${tables.reachable.message}${migrations}${trust}`)
  const { log, passed } = tools
  const isSame = sayDatabase(database) === sayDatabase(present.settings.database)
  // The password in the store may be the old one.
  const inUse = isSame ? { ...present.settings, database } : present.settings
  // A database that is replaced may be one that is no more.
  await whileNoSyncRuns(inUse, present.secrets, log, choices.database.changed, async () => {
    const secrets = new DraftStore(present.secrets)
    const { store } = choices
    const keepsNothing = checkOnly && store.store.kind === 'env'
    const keeper = keepsNothing
      ? undefined
      : await uninterrupted(() => Keeper.open(store, present.settings, log))
    let kept: SecretStore | undefined
    try {
      const served = await stoppable((signal) =>
        authorizeAndTest(choices, present, secrets, tools, signal).catch(notLater)
      )
      if (!keeper || checkOnly) return
      if (choices.database.password) secrets.give('database-password', choices.database.password)
      // Where the environment names another host, that one goes on sending us to this one, with a warning.
      const { WEBEX_ANALYTICS_URL } = present.env
      const all = {
        ...changes,
        ...region(WEBEX_ANALYTICS_URL ? present.settings.webex.analyticsUrl : served)
      }
      await uninterrupted(() => keeper.keep(all, secrets, present.secrets, passed))
      kept = keeper.store
    } finally {
      keeper?.undo()
      await warnOfSuccessor(choices, secrets, kept ? [kept] : [keeper?.store, present.secrets], log)
    }
  })
  return { database, migrated: tables.migrated, hasPolicy: choices.kept.hasPolicy }
}

/** A token that was given is spent by a test; the one that replaced it is not always kept. */
async function warnOfSuccessor(
  { grant, refreshToken }: Choices,
  secrets: DraftStore,
  stores: (SecretStore | undefined)[],
  log: Log
): Promise<void> {
  if (grant !== 'refresh-token') return
  const present = await secrets.read('refresh-token')
  if (present === undefined || present === refreshToken) return
  for (const store of stores) {
    if ((await store?.read('refresh-token').catch(() => undefined)) === present) return
  }
  log.warn(
    'Webex replaced the refresh token that you entered, and the new one was not stored: get a new one from developer.webex.com for the next setup'
  )
}

/** @throws UsageError when a password is missing */
async function databaseOf({ database }: Choices, { settings, secrets }: Present): Promise<DatabaseSettings> {
  const chosen = database.changed ? parseDatabaseUrl(database.url) : settings.database
  if (!lacksPassword(chosen)) return chosen
  const password = database.password ?? (await readSecret(secrets, 'database-password'))
  if (!password)
    throw new UsageError('--sql-password is required: specify it, or run setup on a terminal, where it asks')
  return withPassword(chosen, password)
}

function trustsAny(database: DatabaseSettings): boolean {
  return database.type === 'mssql' && database.encrypt && database.trustServerCertificate
}

/** What is to stand in the config file and does not yet. */
function changesOf(
  { clientId, database, caFile, kept, store }: Choices,
  { settings }: Present
): ConfigValues {
  const said = saySecretStore(store.store)
  return {
    ...(clientId === settings.webex.clientId ? {} : { WEBEX_CLIENT_ID: clientId }),
    ...(database.changed ? { DATABASE_URL: database.url } : {}),
    ...(caFile === settings.webex.caFile ? {} : { WEBEX_CA_FILE: caFile }),
    ...kept.changes,
    ...(said === saySecretStore(settings.secretStore) ? {} : { SECRET_STORE: said }),
    ...(store.keyFile === settings.secretKey.file ? {} : { SECRET_KEY_FILE: store.keyFile })
  }
}

function regionChange({ apiUrl, analyticsUrl }: RegionUrls, { webex }: Settings): ConfigValues {
  return {
    ...(analyticsUrl === webex.analyticsUrl ? {} : { WEBEX_ANALYTICS_URL: analyticsUrl }),
    ...(apiUrl === webex.apiUrl ? {} : { WEBEX_API_URL: apiUrl })
  }
}
