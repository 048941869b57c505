import { ConfigurationError } from '../errors.js'
import type { SecretName } from './secret-store.js'

/**
 * A secret without what came with it from a file, an echo or a web page; "" where nothing is left.
 * @param said where it comes from, for people: “WEBEX_CLIENT_SECRET”
 * @throws ConfigurationError where more than its ends has to be mended; it never repeats the secret
 */
export function cleanSecret(name: SecretName, text: string, said: string): string {
  return name === 'database-password' ? cleanPassword(text) : cleanToken(text, said)
}

/** A password may begin and end with blanks. */
export function cleanPassword(text: string): string {
  return text.trim() === '' ? '' : text.replace(/[\r\n]+$/, '')
}

/**
 * What OAuth knows as client id, client secret and token (RFC 6749, appendix A): printable ASCII.
 * @throws ConfigurationError as `cleanSecret` does
 */
export function cleanToken(text: string, said: string): string {
  const token = unquoted(text.trim(), said)
  const [odd] = /[^\x20-\x7e]/u.exec(token) ?? []
  if (odd === undefined) return token
  const what = /[\p{C}\p{Z}]/u.test(odd)
    ? `contains an invisible character (${sayCode(odd)})`
    : 'contains a character that is not ASCII'
  throw new ConfigurationError(`${said} ${what}: copy it again`)
}

/** @throws ConfigurationError where there are quotation marks around it, which no shell has taken off */
export function unquoted(text: string, said: string): string {
  if (!/^(["']).*\1$|^[“„‘].*[”“’]$/s.test(text)) return text
  throw new ConfigurationError(
    `${said} is enclosed in quotation marks, which count as part of the value (docker --env-file keeps them): remove them`
  )
}

function sayCode(character: string): string {
  return `U+${character.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0')}`
}
