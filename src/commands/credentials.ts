import { saySecretStore } from '../config/secret-store-setting.js'
import { SECRETS } from '../credentials/secret-store.js'
import { UsageError } from '../errors.js'
import { Keeper } from '../setup/keeper.js'
import { refuseShadowed } from '../setup/shadowed.js'
import { chooseStore, storeKind } from '../setup/store-choice.js'
import { whileNoSyncRuns } from '../setup/while-no-sync-runs.js'
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

async function clear(context: Context): Promise<number> {
  const { settings, secrets, log, print } = context
  const store = secrets()
  const removed = await whileNoSyncRuns(settings, store, log, true, async () => {
    let count = 0
    for (const name of SECRETS) if (await store.remove(name)) count += 1
    return count
  })
  print(`${removed} removed from ${store.place}. To revoke them at Webex, see docs/SECURITY.md.`)
  return 0
}

/** Into another store: written, read back, entered in the config file, and only then removed here. */
async function move(
  { settings, secrets, env, log, print }: Context,
  to: string | undefined,
  keyFile: string | undefined
): Promise<number> {
  if (to !== 'keyring' && to !== 'file') throw new UsageError(`credentials move needs ${sayTo(to)}`)
  const old = secrets()
  if (to === settings.secretStore.kind) {
    if (keyFile !== undefined)
      throw new UsageError('--key-file does not change the key of a file that is there')
    print(`They are there already: ${old.place}.`)
    return 0
  }
  const choice = chooseStore(storeKind(to), settings, keyFile)
  const changes = { SECRET_STORE: saySecretStore(choice.store), SECRET_KEY_FILE: choice.keyFile }
  refuseShadowed(changes, env)
  const place = await whileNoSyncRuns(settings, old, log, false, async () => {
    const keeper = await Keeper.open(choice, settings, log)
    try {
      return await keeper.keep(changes, old, old, () => {})
    } catch (error) {
      keeper.undo()
      throw error
    }
  })
  print(`Moved to ${place}.`)
  if (choice.keyFile) print(`The key is in ${choice.keyFile}: back it up apart from the file.`)
  if (settings.secretStore.kind === 'file' && settings.secretKey.file) {
    print(`The old key ${settings.secretKey.file} is not used any more: remove it, unless a backup needs it.`)
  }
  return 0
}

/** npm takes `--to` for an option of its own where no -- stands before it. */
function sayTo(to: string | undefined): string {
  const forms = '--to keyring or --to file'
  return to === undefined && process.env.npm_lifecycle_event
    ? `${forms}; flags go behind --: \`npm run credentials -- move --to file\``
    : forms
}
