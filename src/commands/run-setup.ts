import { buffer } from 'node:stream/consumers'
import { KeyringError } from '../credentials/keyring-entries.js'
import { type SecretStore, SecretStoreError } from '../credentials/secret-store.js'
import { migrate } from '../database/migrator.js'
import { decodeText } from '../read-text.js'
import type { Present } from '../setup/choices.js'
import { choose } from '../setup/choices.js'
import { type SetupFlags, withStandardInput } from '../setup/flags.js'
import { setUp } from '../setup/setup.js'
import type { Context } from './context.js'
import { openInBrowser } from './open-in-browser.js'

/** On a terminal asks for what the options leave open; tests, stores, reads back, and says what comes next. */
export async function runSetup(context: Context, typed: SetupFlags): Promise<number> {
  const { settings, databaseUrl, env, log, now, print } = context
  const secrets = await openOrNone(context, typed.store)
  const present: Present = { settings, databaseUrl, secrets, env }
  const isTerminal = process.stdin.isTTY === true && process.stdout.isTTY === true
  const terminal = isTerminal ? await import('../setup/on-terminal.js') : undefined
  const attempt = async (flags: SetupFlags) =>
    setUp(await choose(flags, present), present, typed.check, {
      log,
      now,
      openUrl: openInBrowser,
      say: print,
      passed: (step) => print(`✓ ${step}`)
    })
  const result = terminal
    ? await terminal.untilItWorks(typed, present, attempt)
    : await attempt(await withStandardInput(typed, readStandardInput))
  if (typed.check) {
    print('All tests passed. Nothing was saved.')
    return 0
  }
  let { migrated } = result
  const isFile = result.database.type === 'sqlite'
  // A DBA may want to see the migrations first.
  if (!migrated && (await terminal?.wantsTables(isFile))) {
    const count = await migrate(result.database, (name) => print(`  applied  ${name}`))
    print(`${count} applied.`)
    migrated = true
  }
  print(migrated ? '' : '\nEverything is saved. The database has no tables yet.')
  for (const line of nextSteps(migrated, isFile, result.hasPolicy)) print(line)
  return 0
}

function nextSteps(migrated: boolean, isFile: boolean, hasPolicy: boolean): string[] {
  return [
    'Next:',
    ...(migrated
      ? []
      : [
          `  npm run migrate            creates the tables${isFile ? '' : ' (for a DBA: npm run migrate -- --script -o webex-cdr.sql)'}`
        ]),
    '  npm run sync               fetches new records; the first time, the last 48 hours',
    '  npm run --silent schedule  prints a scheduler job that does so every 15 minutes',
    ...(hasPolicy
      ? [
          '  npm run retain             deletes and masks what the policy does not keep (before: npm run retain -- --check)',
          '  npm run --silent schedule -- --job retain',
          '                             prints a scheduler job that does so once a day'
        ]
      : []),
    '  npm run doctor             checks everything that a scheduled sync needs'
  ]
}

async function readStandardInput(): Promise<string> {
  return decodeText(await buffer(process.stdin), 'standard input')
}

/** A store that cannot be read from here may be just what is to be replaced. */
async function openOrNone(
  { settings, secrets, log }: Context,
  chosen: string | undefined
): Promise<SecretStore | undefined> {
  try {
    const store = secrets()
    await store.read('refresh-token')
    return store
  } catch (error) {
    if (!(error instanceof SecretStoreError)) throw error
    const isLeft = chosen !== undefined && chosen !== settings.secretStore.kind
    log.warn(isLeft && error instanceof KeyringError ? error.opening : error.message)
    return undefined
  }
}
