import { userInfo } from 'node:os'
import { basename, dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { SecretStoreSetting } from '../config/secret-store-setting.js'
import type { Settings } from '../config/settings.js'
import { ConfigurationError } from '../errors.js'
import { sayInterval } from './interval.js'

/** What is started, and how often. */
export type Task =
  | { command: 'sync' /** Minutes from one start to the next. */; every: number }
  | { command: 'retain' }

/** What the operating system starts again and again. All paths are absolute. */
export type Job = Task & Surroundings

interface Surroundings {
  /** The Node.js that runs now. */
  node: string
  /** This program's cli.js. */
  script: string
  /** The working directory, where webex-cdr.json and .env are. */
  folder: string
  /** The folders that a run writes into. */
  writes: string[]
  /** The name of the user that it runs as. */
  user: string
  /** With the database and the password of a login of its own; they override those of the working directory. */
  envFile?: string | undefined
  store: SecretStoreSetting['kind']
  /** Where the key of an encrypted file of secrets is. */
  keyFile?: string | undefined
  /** Where the certificates are that WEBEX_CA_FILE names. */
  caFile?: string | undefined
}

/** Of its files, and by which a scheduler knows it. */
export const NAMES = { sync: 'webex-cdr', retain: 'webex-cdr-retain' } as const satisfies Record<
  Task['command'],
  string
>

/** When `retain` starts, by the machine's clock: few people call, and in most time zones there is such a time every day. */
export const NIGHTLY = { hour: 3, minute: 30, text: '03:30' } as const

/** Hours. The first sync takes about one; one that hangs would keep the lease. `retain` goes on the next day. */
export const LONGEST_RUN = 6

/**
 * A job with the paths of this machine.
 * @throws ConfigurationError when one of them cannot be written into a line
 */
export function jobHere({ database, secretStore, secretKey, webex }: Settings, task: Task): Job {
  const folder = process.cwd()
  const hasOwnLogin = task.command === 'retain' && database.type === 'mssql'
  const writes = [
    folder,
    ...(database.type === 'sqlite' ? [dirname(database.path)] : []),
    ...(secretStore.kind === 'file' ? [dirname(secretStore.path)] : [])
  ]
  const job: Job = {
    ...task,
    node: process.execPath,
    script: fileURLToPath(new URL('../cli.js', import.meta.url)),
    folder,
    writes: [...new Set(writes)],
    user: userName(),
    envFile: hasOwnLogin ? join(folder, `${NAMES.retain}.env`) : undefined,
    store: secretStore.kind,
    keyFile: secretKey.file && resolve(secretKey.file),
    caFile: webex.caFile
  }
  for (const path of pathsOf(job)) checkIsOneLine(path)
  return job
}

function userName(): string {
  try {
    return userInfo().username
  } catch {
    // A container may run as a user without a name.
    return String(process.getuid?.())
  }
}

export function pathsOf({ node, script, folder, writes, keyFile }: Job): string[] {
  return [node, script, folder, ...writes, ...(keyFile ? [keyFile] : [])]
}

/** “every 15m” */
export function sayWhen(job: Task): string {
  return job.command === 'sync' ? `every ${sayInterval(job.every)}` : `once a day at ${NIGHTLY.text}`
}

/** In the working directory, where the scheduler keeps no log of its own; Windows lets no two jobs write to one. */
export function logFile({ command }: Task): string {
  return `${NAMES[command]}.log`
}

/** The program that is started, word by word. */
export function wordsOf({ node, envFile, script }: Job): string[] {
  return [node, ...(envFile ? [`--env-file=${envFile}`] : []), script]
}

/**
 * What must be known of it before it is installed, a line each.
 * @param secrets what its secrets need
 */
export function notesOf(job: Job, secrets: string = secretsNote(job)): string[] {
  const { command, envFile } = job
  return [
    'It reads its settings from webex-cdr.json and .env in its working directory, not from your shell.',
    ...(envFile
      ? [
          `DATABASE_URL and DATABASE_PASSWORD of the login that may delete (docs/DBA.md) must be in ${basename(envFile)} there, which only this user may read; they override the others.`
        ]
      : []),
    // It asks Webex for nothing.
    command === 'retain'
      ? `The only secret that it may need is the mask key, with MASK_NUMBERS=hash. ${secrets}`
      : secrets
  ]
}

/** What the secrets need where no desktop session is. */
function secretsNote({ command, store, keyFile }: Job): string {
  switch (store) {
    case 'env':
      return command === 'retain'
        ? 'MASK_KEY must be in .env then.'
        : 'The secrets must be in .env; a new refresh token cannot be saved there.'
    case 'file':
      return keyFile
        ? 'The secrets are in an encrypted file; SECRET_KEY_FILE in webex-cdr.json or .env names its key.'
        : 'The secrets are in an encrypted file; its key must be set by SECRET_KEY_FILE or SECRET_KEY in .env.'
    case 'keyring':
      return 'A scheduled job cannot access the keyring, which needs a desktop session: first run `npm run credentials -- move --to file`.'
  }
}

function checkIsOneLine(path: string): void {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
  if (!/[\0-\x1f\x7f]/.test(path)) return
  throw new ConfigurationError(
    `${JSON.stringify(path)} contains a control character, which a schedule cannot contain: rename it`
  )
}
