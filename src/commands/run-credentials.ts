import { saySecretStore } from '../config/secret-store-setting.js'
import { SECRETS } from '../credentials/secret-store.js'
import { UsageError } from '../errors.js'
import { Keeper } from '../setup/keeper.js'
import { refuseShadowed } from '../setup/shadowed.js'
import { chooseStore } from '../setup/store-choice.js'
import { whileNoSyncRuns } from '../setup/while-no-sync-runs.js'
import type { Context } from './context.js'

/** With move. */
interface CredentialsOptions {
  to: 'keyring' | 'file' | undefined
  keyFile: string | undefined
}

export async function runCredentials(
  context: Context,
  action: 'show' | 'clear' | 'move',
  options: CredentialsOptions
): Promise<number> {
  const { to, keyFile } = options
  if (action !== 'move' && (to ?? keyFile) !== undefined) {
    throw new UsageError('--to and --key-file can be used only with `credentials move`')
  }
  switch (action) {
    case 'show':
      return show(context)
    case 'clear':
      return clear(context)
    case 'move':
      return move(context, options)
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
async function move(context: Context, { to, keyFile }: CredentialsOptions): Promise<number> {
  const { settings, secrets, env, log, print } = context
  if (to === undefined) throw new UsageError(`credentials move needs ${sayTo()}`)
  const old = secrets()
  if (to === settings.secretStore.kind) {
    if (keyFile !== undefined) throw new UsageError('--key-file cannot change the key of a file that exists')
    print(`The secrets are already in ${old.place}.`)
    return 0
  }
  const choice = chooseStore(to, settings, keyFile)
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
  if (choice.keyFile) print(`The key is in ${choice.keyFile}: back it up, apart from that file.`)
  if (settings.secretStore.kind === 'file' && settings.secretKey.file) {
    print(`The old key ${settings.secretKey.file} is no longer used: remove it, unless a backup needs it.`)
  }
  return 0
}

/** Without `--` before it npm takes `--to` for short of an option of its own. */
function sayTo(): string {
  const forms = '--to keyring or --to file'
  if (!process.env.npm_lifecycle_event) return forms
  return `${forms}; options go after --: \`npm run credentials -- move --to file\``
}
