import { CDR_HOSTS, type Cloud, cloudOf, REPORT_HOSTS } from '../config/clouds.js'
import { isLoopback } from '../config/loopback.js'

/**
 * Whether the access token may be sent to `url`, which the service named in a Link header or a 451:
 * the configured origin itself, a known Webex host of the token's own cloud over https, or, only when the configured
 * host is on loopback, loopback.
 */
export function mayReceiveToken(url: URL, configured: URL, cloud: Cloud): boolean {
  if (url.username || url.password) return false
  // A blob: URL has the origin of the one inside it.
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return false
  if (url.origin === configured.origin) return true
  if (isLoopback(configured.hostname)) return isLoopback(url.hostname)
  return url.protocol === 'https:' && url.port === '' && CDR_HOSTS[cloud].includes(url.hostname)
}

/** Whether the access token may be sent to a URL that a report is downloaded from; `configured` is that of the API. */
export function mayReceiveTokenForReport(url: URL, configured: URL): boolean {
  const cloud = cloudOf(configured.href) ?? 'commercial'
  if (mayReceiveToken(url, configured, cloud)) return true
  if (url.username || url.password || url.port !== '') return false
  // Which hosts Webex for Government has for this is not documented.
  if (cloud === 'government' || isLoopback(configured.hostname)) return false
  return url.protocol === 'https:' && REPORT_HOSTS.test(url.hostname)
}
