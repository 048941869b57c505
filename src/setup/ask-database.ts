import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { lacksPassword, parseDatabaseUrl } from '../config/database-url.js'
import type { Present } from './choices.js'
import { chooseDatabase } from './database-choice.js'
import { SECRET_NAMES, type SetupFlags } from './flags.js'
import { type Option, secret, select, text } from './questions.js'
import { parseServerName, SERVER_FORMS } from './server-name.js'

/** Asks for what the flags leave open of the database, and for the password of a login that has none. */
export async function askDatabase(
  answers: SetupFlags,
  present: Present,
  earlier: Partial<SetupFlags>
): Promise<void> {
  const { databaseUrl, sqlServer, sqlPort, sqlDatabase, sqlUsername, sqlPassword } = answers
  const isServer = [sqlServer, sqlPort, sqlDatabase, sqlUsername].some((part) => part !== undefined)
  const isGiven = databaseUrl !== undefined || isServer || sqlPassword !== undefined
  const kind = isGiven ? 'given' : await askKind(present, earlier)
  if (kind === 'sqlite') {
    const file = earlier.databaseUrl?.replace(/^sqlite:/, '') ?? 'webex-cdr.db'
    answers.databaseUrl = `sqlite:${await text('File', file)}`
  }
  // Of a server that is set up already, flags change only what they name.
  const hasNone = isServer && databaseUrl === undefined && present.settings.database.type === 'sqlite'
  if (kind === 'mssql' || hasNone) await askServer(answers, present.databaseUrl, earlier)
  const isSame = answers.sqlServer === earlier.sqlServer && answers.sqlPort === earlier.sqlPort
  if (isSame) answers.sqlOptions = earlier.sqlOptions
  const isStored = Boolean(await present.secrets?.read('database-password'))
  if (answers.sqlPassword !== undefined || !needsPassword(answers, present)) return
  if (kind === 'keep' && isStored) return
  answers.sqlPassword = await secret(SECRET_NAMES.sqlPassword, isStored, earlier.sqlPassword)
}

type Distrust = 'authority' | 'anybody' | 'again'

/**
 * What to do about a server whose certificate is not trusted.
 * @returns options for DATABASE_URL; undefined where the answer is to be another one
 */
export async function askTrust(): Promise<Record<string, string> | undefined> {
  const options: Option<Distrust>[] = [
    { value: 'authority', label: 'Use the PEM file of the CA that signed it' },
    {
      value: 'anybody',
      label: 'Trust any certificate (insecure)',
      hint: 'anyone on the network path can read the password and the records'
    },
    { value: 'again', label: 'Neither' }
  ]
  const answer = await select('The certificate of this server is not trusted.', options, undefined)
  if (answer === 'again') return undefined
  if (answer === 'anybody') return { trustServerCertificate: 'true' }
  const path = await text('Path of the file', undefined, (file) =>
    existsSync(file) ? undefined : 'File not found.'
  )
  return { ca: resolve(path) }
}

async function askKind(
  { databaseUrl, settings }: Present,
  earlier: Partial<SetupFlags>
): Promise<'keep' | 'sqlite' | 'mssql'> {
  const { url } = chooseDatabase({}, databaseUrl, undefined)
  const said = url.replace(/^sqlite:/, 'the SQLite file ')
  const label = settings.webex.clientId ? `Keep ${said}` : said.replace(/^t/, 'T')
  const options: Option<'keep' | 'sqlite' | 'mssql'>[] = [
    { value: 'keep', label },
    { value: 'sqlite', label: `${url.startsWith('sqlite:') ? 'Another' : 'A'} SQLite file` },
    { value: 'mssql', label: 'SQL Server or Azure SQL' }
  ]
  return select(
    'Which database?',
    options,
    earlier.sqlServer ? 'mssql' : earlier.databaseUrl ? 'sqlite' : 'keep'
  )
}

async function askServer(
  answers: SetupFlags,
  databaseUrl: string,
  earlier: Partial<SetupFlags>
): Promise<void> {
  const present = databaseUrl.startsWith('mssql:') ? partsOf(new URL(databaseUrl)) : undefined
  const before = earlier.sqlServer ? earlier : present
  answers.sqlServer ??= await text(`Server (${SERVER_FORMS})`, before?.sqlServer, faultOfServer)
  const { port, instance } = parseServerName(answers.sqlServer)
  if (port === undefined && instance === undefined) {
    answers.sqlPort ??= await text('Port', before?.sqlPort || '1433')
  }
  answers.sqlDatabase ??= await text('Database', before?.sqlDatabase)
  answers.sqlUsername ??= await text('User', before?.sqlUsername)
}

function faultOfServer(typed: string): string | undefined {
  try {
    parseServerName(typed)
    return undefined
  } catch {
    return `Use the form ${SERVER_FORMS}.`
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

/** @throws ConfigurationError for a wrong --database-url */
function needsPassword({ databaseUrl, sqlServer }: SetupFlags, { settings, env }: Present): boolean {
  if (env.DATABASE_PASSWORD) return false
  if (databaseUrl !== undefined) return lacksPassword(parseDatabaseUrl(databaseUrl))
  const { database } = settings
  return database.type === 'sqlite' ? sqlServer !== undefined : lacksPassword(database)
}
