import { existsSync } from 'node:fs'
import { API_URLS } from '../config/clouds.js'
import { askDatabase } from './ask-database.js'
import { askKept } from './ask-kept.js'
import { type Present, presentFor } from './choices.js'
import { SECRET_FLAGS, SECRET_NAMES, type SetupFlags } from './flags.js'
import { type Option, secret, select, text } from './questions.js'
import type { StoreKind } from './store-choice.js'

/**
 * Asks for each secret that is given as -, and, unless it only checks, for what the flags leave open; what is set up
 * already stays where nothing is typed.
 * @param earlier what was answered before and did not work: it stands where nothing else is typed
 */
export async function ask(
  flags: SetupFlags,
  inForce: Present,
  earlier: Partial<SetupFlags> = {}
): Promise<SetupFlags> {
  const answers = { ...flags }
  for (const name of SECRET_FLAGS) {
    if (flags[name] === '-') answers[name] = await secret(SECRET_NAMES[name], false, earlier[name])
  }
  if (flags.check) return answers
  answers.region ??= await askCloud(inForce, earlier.region)
  const present = presentFor(answers.region, inForce)
  const { settings, secrets } = present
  const clientId = earlier.clientId ?? settings.webex.clientId
  answers.clientId ??= await text('Client ID of the integration or Service App', clientId)
  const hasSecret = Boolean(await secrets?.read('client-secret'))
  answers.clientSecret ??= await secret(SECRET_NAMES.clientSecret, hasSecret, earlier.clientSecret)
  if (answers.grant === undefined && answers.refreshToken === undefined) {
    answers.grant = await askGrant(Boolean(await secrets?.read('refresh-token')), earlier.grant)
  }
  if (answers.grant === 'refresh-token') {
    answers.refreshToken ??= await secret(SECRET_NAMES.refreshToken, false, earlier.refreshToken)
  }
  await askDatabase(answers, present, earlier)
  await askKept(answers, present, earlier)
  answers.store ??= await askStore(settings.secretStore.kind, earlier.store)
  return answers
}

/** Asked before anything secret is: undefined where it is the usual one, or set already. */
async function askCloud(
  { settings: { webex }, env }: Present,
  earlier: string | undefined
): Promise<string | undefined> {
  if (webex.clientId || env.WEBEX_API_URL || webex.apiUrl !== API_URLS.commercial) return undefined
  const options: Option<string>[] = [
    { value: '', label: 'Webex', hint: 'admin.webex.com' },
    { value: 'gov', label: 'Webex for Government', hint: 'FedRAMP, admin-usgov.webex.com' }
  ]
  return (await select('In which Webex cloud is the organisation?', options, earlier)) || undefined
}

/**
 * The certificate of the authority by which a company inspects TLS.
 * @returns the path of its file; undefined where there is none
 */
export async function askAuthority(): Promise<string | undefined> {
  const options: Option<'name' | 'none'>[] = [
    { value: 'name', label: 'Use a file with its CA certificate' },
    { value: 'none', label: 'Do not trust it' }
  ]
  const answer = await select('Is this your company’s own CA (TLS inspection)?', options, undefined)
  if (answer === 'none') return undefined
  return text('Path of the file (PEM or DER; ask your network team)', undefined, (file) =>
    existsSync(file) ? undefined : 'File not found.'
  )
}

/** undefined keeps the token that is stored. */
async function askGrant(hasToken: boolean, earlier: string | undefined): Promise<string | undefined> {
  const options: Option<string>[] = [
    ...(hasToken ? [{ value: '', label: 'Keep the stored refresh token' }] : []),
    {
      value: 'refresh-token',
      label: 'Paste the refresh token of a Service App',
      hint: 'best for a scheduled job: not tied to a person'
    },
    { value: 'browser', label: 'Accept in a browser on this machine' },
    { value: 'device', label: 'Accept on another device', hint: 'for a machine without a browser' }
  ]
  return (await select('How do you want to authorise?', options, earlier)) || undefined
}

async function askStore(present: StoreKind, earlier: string | undefined): Promise<StoreKind> {
  const cron = process.platform === 'linux' ? 'cron jobs cannot access it' : 'of this user'
  const options: Option<StoreKind>[] = [
    { value: 'keyring', label: 'System keyring', hint: cron },
    { value: 'file', label: 'Encrypted file', hint: 'for servers and scheduled jobs' },
    { value: 'env', label: 'Environment variables', hint: 'read-only: set them yourself' }
  ]
  const usual = present === 'env' ? (process.platform === 'linux' ? 'file' : 'keyring') : present
  return select('Where should the secrets be kept?', options, earlier ?? usual)
}
