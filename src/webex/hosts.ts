import { isLoopback } from '../config/loopback.js'

/** The hosts of the CDR API that Cisco documents, the older ones included (developer.webex.com, “Detailed Call History”). */
const WEBEX_HOSTS = new Set([
  'analytics-calling.webexapis.com',
  'analytics-calling-eu.webexapis.com',
  'analytics-calling-in.webexapis.com',
  'analytics-calling-au.webexapis.com',
  'analytics-calling-gov.webexapis.com',
  'analytics.webexapis.com',
  'analytics-f.webex.com'
])

/**
 * Whether the access token may be sent to `url`, which the service named in a Link header or a 451:
 * the configured origin itself, a known Webex host over https, or, only when the configured host is on
 * loopback, loopback.
 */
export function mayReceiveToken(url: URL, configured: URL): boolean {
  if (url.username || url.password) return false
  // A blob: URL has the origin of the one inside it.
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return false
  if (url.origin === configured.origin) return true
  if (isLoopback(configured.hostname)) return isLoopback(url.hostname)
  return url.protocol === 'https:' && url.port === '' && WEBEX_HOSTS.has(url.hostname)
}
