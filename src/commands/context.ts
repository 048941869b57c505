import type { Now } from '../clock.js'
import { type ConfigValues, readConfigFile } from '../config/config-file.js'
import { lacksPassword, withPassword } from '../config/database-url.js'
import { openStore } from '../config/open-store.js'
import {
  cleanValues,
  DEFAULT_DATABASE_URL,
  loadSettings,
  readEnvFile,
  type Settings
} from '../config/settings.js'
import { readSecret } from '../credentials/credentials.js'
import type { SecretStore } from '../credentials/secret-store.js'
import { ConfigurationError } from '../errors.js'
import { createLog, type Log } from '../log.js'

/** What every command is given. */
export interface Context {
  settings: Settings
  /** DATABASE_URL as it is set; it may hold a password. */
  databaseUrl: string
  /** The settings that the environment and .env have, as they are read. */
  env: ConfigValues
  /** Opened when it is asked for. */
  secrets: () => SecretStore
  /** Goes to standard error. */
  log: Log
  /** A line on standard output, where results go. */
  print: (line: string) => void
  now: Now
}

/** @throws ConfigurationError */
export function createContext(): Context {
  readEnvFile()
  const file = readConfigFile()
  const env = cleanValues(process.env)
  const settings = loadSettings(env, file)
  const log = createLog(settings.logLevel)
  let store: SecretStore | undefined
  return {
    settings,
    databaseUrl: env.DATABASE_URL ?? cleanValues(file).DATABASE_URL ?? DEFAULT_DATABASE_URL,
    env,
    secrets: () => {
      store ??= openStore(settings, log)
      return store
    },
    log,
    print: (line) => void process.stdout.write(`${line}\n`),
    now: Date.now
  }
}

/**
 * The same for a command that needs the database, whose password may be kept with the secrets.
 * @throws ConfigurationError, SecretStoreError
 */
export async function createDatabaseContext(): Promise<Context> {
  const context = createContext()
  return { ...context, settings: await withDatabasePassword(context) }
}

/** @throws ConfigurationError, SecretStoreError */
export async function withDatabasePassword({ settings, secrets }: Context): Promise<Settings> {
  if (!lacksPassword(settings.database)) return settings
  const password = await readSecret(secrets(), 'database-password')
  if (!password) {
    throw new ConfigurationError(
      `no password for the database, neither in DATABASE_URL nor in ${secrets().place}: set DATABASE_PASSWORD, or run \`npm run setup\``
    )
  }
  return { ...settings, database: withPassword(settings.database, password) }
}
