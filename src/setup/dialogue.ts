import * as prompts from '@clack/prompts'
import type { Present } from './choices.js'
import { chooseDatabase } from './database-choice.js'
import type { SetupFlags } from './flags.js'
import type { StoreKind } from './store-choice.js'
import { CancelledError } from './tools.js'

/** Asks for what the flags leave open; what is set up already stays where nothing is typed. */
export async function ask(flags: SetupFlags, present: Present): Promise<SetupFlags> {
  const { settings, secrets } = present
  const answers = { ...flags }
  answers.clientId ??= await text('Client ID of the integration or Service App', settings.webex.clientId)
  answers.clientSecret ??= await secret('Client secret', Boolean(await secrets?.read('client-secret')))
  if (answers.grant === undefined && answers.refreshToken === undefined) {
    answers.grant = await askGrant(Boolean(await secrets?.read('refresh-token')))
  }
  if (answers.grant === 'refresh-token') answers.refreshToken ??= await secret('Refresh token', false)
  await askDatabase(answers, present)
  answers.store ??= await askStore(settings.secretStore.kind)
  return answers
}

export async function confirm(message: string, initialValue: boolean): Promise<boolean> {
  return answered(await prompts.confirm({ message, initialValue }))
}

/** undefined keeps the token that is stored. */
async function askGrant(hasToken: boolean): Promise<string | undefined> {
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
  return answered(await prompts.select({ message: 'How is it authorised?', options })) || undefined
}

async function askDatabase(answers: SetupFlags, { databaseUrl, secrets }: Present): Promise<void> {
  const given = [
    answers.databaseUrl,
    answers.sqlServer,
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
  const kind = answered(await prompts.select({ message: 'Which database?', options }))
  if (kind === 'sqlite') answers.databaseUrl = `sqlite:${await text('File', 'webex-cdr.db')}`
  if (kind === 'mssql') {
    const present = databaseUrl.startsWith('mssql:') ? new URL(databaseUrl) : undefined
    const instance = present?.searchParams.get('instance')
    const server = present && `${present.hostname}${instance ? `\\${instance}` : ''}`
    answers.sqlServer = await text('Server (HOST or HOST\\INSTANCE)', server)
    if (!answers.sqlServer.includes('\\')) answers.sqlPort = await text('Port', present?.port || '1433')
    answers.sqlDatabase = await text('Database', present && decodeURIComponent(present.pathname.slice(1)))
    answers.sqlUsername = await text('User', present && decodeURIComponent(present.username))
    answers.sqlPassword = await secret('Password', Boolean(await secrets?.read('database-password')))
  }
}

async function askStore(present: StoreKind): Promise<StoreKind> {
  const cron = process.platform === 'linux' ? 'a job of cron cannot reach it' : 'of this user'
  const options: { value: StoreKind; label: string; hint: string }[] = [
    { value: 'keyring', label: 'The keyring of this system', hint: cron },
    { value: 'file', label: 'An encrypted file', hint: 'for servers and scheduled jobs' },
    { value: 'env', label: 'Environment variables', hint: 'read-only: set them yourself' }
  ]
  const initialValue = present === 'env' ? (process.platform === 'linux' ? 'file' : 'keyring') : present
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

/** @param isStored nothing typed leaves what is stored, and is undefined */
async function secret(message: string, isStored: boolean): Promise<string | undefined> {
  const value = answered(
    await prompts.password({
      message: isStored ? `${message} (nothing typed: as it is stored)` : message,
      validate: (typed) => (typed?.trim() || isStored ? undefined : 'It is needed.')
    })
  )
  return value?.trim() || undefined
}

function answered<T>(answer: T): Exclude<T, symbol> {
  if (prompts.isCancel(answer)) throw new CancelledError()
  return answer as Exclude<T, symbol>
}
