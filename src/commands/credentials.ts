import { CONFIG_FILE, changeConfigFile } from '../config/config-file.js'
import { saySecretStore } from '../config/secret-store-setting.js'
import { openStore } from '../credentials/open-store.js'
import { createKeyFile } from '../credentials/secret-key.js'
import { SECRETS, SecretStoreError } from '../credentials/secret-store.js'
import { UsageError } from '../errors.js'
import { chooseStore, storeKind } from '../setup/store-choice.js'
import type { Context } from './context.js'

/** As they were typed. */
export interface CredentialsFlags {
  action: string | undefined
  to: string | undefined
  keyFile: string | undefined
}

export async function credentialsCommand(context: Context, flags: CredentialsFlags): Promise<number> {
  const { action, to, keyFile } = flags
  if (action !== 'move' && (to ?? keyFile) !== undefined) {
    throw new UsageError('--to and --key-file are for `credentials move`')
  }
  switch (action) {
    case 'show':
      return show(context)
    case 'clear':
      return clear(context)
    case 'move':
      return move(context, to, keyFile)
    default:
      throw new UsageError('credentials needs to know what to do: show, clear or move --to keyring|file')
  }
}

/** Names and places, never values. */
async function show({ secrets, print }: Context): Promise<number> {
  const store = secrets()
  const lines: string[] = []
  for (const name of SECRETS)
    lines.push(`  ${name.padEnd(18)} ${(await store.read(name)) ? 'set' : 'not set'}`)
  for (const line of [store.place, ...lines]) print(line)
  return 0
}

async function clear({ secrets, print }: Context): Promise<number> {
  const store = secrets()
  let removed = 0
  for (const name of SECRETS) if (await store.remove(name)) removed += 1
  print(`${removed} removed from ${store.place}. To revoke them at Webex, see docs/SECURITY.md.`)
  return 0
}

/** Into another store: written, read back, entered in the config file, and only then removed here. */
async function move(
  { settings, secrets, log, print }: Context,
  to: string | undefined,
  keyFile: string | undefined
): Promise<number> {
  if (to !== 'keyring' && to !== 'file')
    throw new UsageError('credentials move needs --to keyring or --to file')
  if (process.env.SECRET_STORE) {
    throw new UsageError(
      `SECRET_STORE is set in the environment or .env, which stand above ${CONFIG_FILE}: take it out there first`
    )
  }
  const choice = chooseStore(storeKind(to), settings, keyFile)
  const old = secrets()
  const setting = saySecretStore(choice.store)
  if (setting === saySecretStore(settings.secretStore)) {
    print(`They are there already: ${old.place}.`)
    return 0
  }
  if (choice.newKey && choice.keyFile) createKeyFile(choice.keyFile)
  const next = openStore(
    { ...settings, secretStore: choice.store, secretKey: { ...settings.secretKey, file: choice.keyFile } },
    log
  )
  const moved: string[] = []
  for (const name of SECRETS) {
    const value = await old.read(name)
    if (value === undefined) continue
    await next.write(name, value)
    if ((await next.read(name)) !== value) {
      throw new SecretStoreError(
        `${next.place} does not give the ${name} back as it was stored: nothing was moved`
      )
    }
    moved.push(name)
  }
  changeConfigFile({ SECRET_STORE: setting, SECRET_KEY_FILE: choice.keyFile })
  print(`${moved.join(', ') || 'Nothing'} moved to ${next.place}.`)
  if (choice.keyFile) print(`The key is in ${choice.keyFile}: back it up apart from the file.`)
  if (settings.secretStore.kind === 'env') {
    print('Take them out of the environment and .env now: they are not used any more.')
    return 0
  }
  for (const name of SECRETS) await old.remove(name)
  return 0
}
