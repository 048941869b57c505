import { cleanPassword, cleanToken, unquoted } from '../credentials/clean-secret.js'
import { ConfigurationError } from '../errors.js'

const TOKENS = ['WEBEX_CLIENT_ID', 'WEBEX_CLIENT_SECRET', 'WEBEX_REFRESH_TOKEN']

/**
 * A setting without the blanks and line ends around it, which container secrets and files have; undefined where
 * nothing is left.
 * @throws ConfigurationError that names it and never its value
 */
export function cleanValue(name: string, text: string | undefined): string | undefined {
  if (text === undefined) return undefined
  if (name === 'DATABASE_PASSWORD') return cleanPassword(text) || undefined
  return (TOKENS.includes(name) ? cleanToken(text, name) : cleanText(text, name)) || undefined
}

function cleanText(text: string, name: string): string {
  const value = unquoted(text.trim(), name)
  if (!/\p{Cc}/u.test(value)) return value
  throw new ConfigurationError(
    `${name} contains a line break or another control character: in double quotes \\n is a line break, so write Windows paths with / instead of \\`
  )
}
