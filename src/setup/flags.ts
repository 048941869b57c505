import { UsageError } from '../errors.js'

/** The flags of `setup` as they were typed. */
export interface SetupFlags {
  clientId?: string | undefined
  /** `-` is a line of standard input, as for the other secrets. */
  clientSecret?: string | undefined
  grant?: string | undefined
  refreshToken?: string | undefined
  redirectUri?: string | undefined
  scopes?: string | undefined
  databaseUrl?: string | undefined
  sqlServer?: string | undefined
  sqlPort?: string | undefined
  sqlDatabase?: string | undefined
  sqlUsername?: string | undefined
  sqlPassword?: string | undefined
  /** Options of DATABASE_URL; the answers to a question, and no flag. */
  sqlOptions?: Record<string, string> | undefined
  caFile?: string | undefined
  region?: string | undefined
  rawJson?: string | undefined
  retainRecords?: string | undefined
  maskAfter?: string | undefined
  maskNumbers?: string | undefined
  retainRawJson?: string | undefined
  retainRuns?: string | undefined
  store?: string | undefined
  keyFile?: string | undefined
  check: boolean
}

/** `-` as the value of one of these is a line of standard input, in this order, or asks for it on a terminal. */
export const SECRET_FLAGS = ['clientSecret', 'refreshToken', 'sqlPassword'] as const

export const SECRET_NAMES = {
  clientSecret: 'Client secret',
  refreshToken: 'Refresh token',
  sqlPassword: 'Database password'
} as const satisfies Record<(typeof SECRET_FLAGS)[number], string>

/** The same with the lines of standard input in the place of each `-`. */
export async function withStandardInput(
  flags: SetupFlags,
  readAll: () => Promise<string>
): Promise<SetupFlags> {
  const asked = SECRET_FLAGS.filter((name) => flags[name] === '-')
  if (asked.length === 0) return flags
  const lines = (await readAll()).split(/\r?\n/)
  const empty = asked.find((_, index) => !lines[index]?.trim())
  if (empty) {
    throw new UsageError(
      `${flagName(empty)} - has no line on standard input: send one line for each -, in the order client secret, refresh token, SQL password`
    )
  }
  return { ...flags, ...Object.fromEntries(asked.map((name, index) => [name, lines[index]])) }
}

/** As it is typed: `--client-id` of clientId. */
export function flagName(name: string): string {
  return `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`
}
