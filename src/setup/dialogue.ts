import * as prompts from '@clack/prompts'
import type { Present } from './choices.js'
import { chooseDatabase } from './database-choice.js'
import { SECRET_FLAGS, type SetupFlags } from './flags.js'
import type { StoreKind } from './store-choice.js'
import { CancelledError } from './tools.js'

/**
 * Asks for each secret that is given as -, and, unless it only checks, for what the flags leave open; what is set up
 * already stays where nothing is typed.
 * @param earlier what was answered before and did not work: it stands where nothing else is typed
 */
export async function ask(
  flags: SetupFlags,
  present: Present,
  earlier: Partial<SetupFlags> = {}
): Promise<SetupFlags> {
  const { settings, secrets } = present
  const answers = { ...flags }
  for (const name of SECRET_FLAGS) {
    if (flags[name] === '-') answers[name] = await secret(SECRETS[name], false, earlier[name])
  }
  if (flags.check) return answers
  const clientId = earlier.clientId ?? settings.webex.clientId
  answers.clientId ??= await text('Client ID of the integration or Service App', clientId)
  const hasSecret = Boolean(await secrets?.read('client-secret'))
  answers.clientSecret ??= await secret(SECRETS.clientSecret, hasSecret, earlier.clientSecret)
  if (answers.grant === undefined && answers.refreshToken === undefined) {
    answers.grant = await askGrant(Boolean(await secrets?.read('refresh-token')), earlier.grant)
  }
  if (answers.grant === 'refresh-token') {
    answers.refreshToken ??= await secret(SECRETS.refreshToken, false, earlier.refreshToken)
  }
  await askDatabase(answers, present, earlier)
  answers.store ??= await askStore(settings.secretStore.kind, earlier.store)
  return answers
}

const SECRETS = {
  clientSecret: 'Client secret',
  refreshToken: 'Refresh token',
  sqlPassword: 'Password'
} as const satisfies Record<(typeof SECRET_FLAGS)[number], string>

export async function confirm(message: string, initialValue: boolean): Promise<boolean> {
  return answered(await prompts.confirm({ message, initialValue }))
}

/** undefined keeps the token that is stored. */
async function askGrant(hasToken: boolean, earlier: string | undefined): Promise<string | undefined> {
  const options = [
    ...(hasToken ? [{ value: '', label: 'Keep the refresh token that is stored' }] : []),
    {
      value: 'refresh-token',
      label: 'Paste the refresh token of a Service App',
      hint: 'best for a scheduled job: it belongs to no person'
    },
    { value: 'browser', label: 'Accept in a browser on this machine' },
    { value: 'device', label: 'Accept on another device', hint: 'for a machine without a browser' }
  ]
  return (
    answered(await prompts.select({ message: 'How is it authorised?', options, initialValue: earlier })) ||
    undefined
  )
}

async function askDatabase(
  answers: SetupFlags,
  { databaseUrl, secrets }: Present,
  earlier: Partial<SetupFlags>
): Promise<void> {
  const given = [
    answers.databaseUrl,
    answers.sqlServer,
    answers.sqlPort,
    answers.sqlDatabase,
    answers.sqlUsername,
    answers.sqlPassword
  ]
  if (given.some((value) => value !== undefined)) return
  const options = [
    { value: 'keep', label: `Keep ${chooseDatabase({}, databaseUrl, undefined).url}` },
    { value: 'sqlite', label: 'A SQLite file' },
    { value: 'mssql', label: 'SQL Server or Azure SQL' }
  ]
  const initialValue = earlier.sqlServer ? 'mssql' : earlier.databaseUrl ? 'sqlite' : 'keep'
  const kind = answered(await prompts.select({ message: 'Which database?', options, initialValue }))
  if (kind === 'sqlite') {
    const file = earlier.databaseUrl?.replace(/^sqlite:/, '') ?? 'webex-cdr.db'
    answers.databaseUrl = `sqlite:${await text('File', file)}`
  }
  if (kind === 'mssql') {
    const present = databaseUrl.startsWith('mssql:') ? partsOf(new URL(databaseUrl)) : undefined
    const before = earlier.sqlServer ? earlier : present
    answers.sqlServer = await text('Server (HOST or HOST\\INSTANCE)', before?.sqlServer)
    if (!answers.sqlServer.includes('\\')) answers.sqlPort = await text('Port', before?.sqlPort || '1433')
    answers.sqlDatabase = await text('Database', before?.sqlDatabase)
    answers.sqlUsername = await text('User', before?.sqlUsername)
    const hasPassword = Boolean(await secrets?.read('database-password'))
    answers.sqlPassword = await secret(SECRETS.sqlPassword, hasPassword, earlier.sqlPassword)
  }
}

function partsOf(url: URL): Partial<SetupFlags> {
  const instance = url.searchParams.get('instance')
  return {
    sqlServer: `${url.hostname}${instance ? `\\${instance}` : ''}`,
    sqlPort: url.port,
    sqlDatabase: decodeURIComponent(url.pathname.slice(1)),
    sqlUsername: decodeURIComponent(url.username)
  }
}

async function askStore(present: StoreKind, earlier: string | undefined): Promise<StoreKind> {
  const cron = process.platform === 'linux' ? 'a job of cron cannot reach it' : 'of this user'
  const options: { value: StoreKind; label: string; hint: string }[] = [
    { value: 'keyring', label: 'The keyring of this system', hint: cron },
    { value: 'file', label: 'An encrypted file', hint: 'for servers and scheduled jobs' },
    { value: 'env', label: 'Environment variables', hint: 'read-only: set them yourself' }
  ]
  const usual = present === 'env' ? (process.platform === 'linux' ? 'file' : 'keyring') : present
  const initialValue = options.find(({ value }) => value === earlier)?.value ?? usual
  return answered(await prompts.select({ message: 'Where are the secrets kept?', options, initialValue }))
}

async function text(message: string, present: string | undefined): Promise<string> {
  const options = {
    message,
    ...(present ? { placeholder: present, defaultValue: present } : {}),
    validate: (value: string | undefined) => (value?.trim() || present ? undefined : 'It is needed.')
  }
  return answered(await prompts.text(options)).trim()
}

/**
 * Nothing typed leaves what was answered earlier, else what is stored, and is undefined then.
 * @param isStored there is one that may stay
 */
async function secret(
  message: string,
  isStored: boolean,
  earlier: string | undefined
): Promise<string | undefined> {
  const present = earlier === undefined ? isStored && 'as it is stored' : 'as before'
  const value = answered(
    await prompts.password({
      message: present ? `${message} (nothing typed: ${present})` : message,
      validate: (typed) => (typed?.trim() || present ? undefined : 'It is needed.')
    })
  )
  return value?.trim() || earlier
}

function answered<T>(answer: T): Exclude<T, symbol> {
  if (prompts.isCancel(answer)) throw new CancelledError()
  return answer as Exclude<T, symbol>
}
