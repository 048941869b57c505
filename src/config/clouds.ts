import { ConfigurationError } from '../errors.js'

/** Webex is two, which share no account: what is secret in one must not get into the other. */
export type Cloud = 'commercial' | 'government'

/** OAuth's base in each (developer.webex.com; developer-usgov.webex.com, “Create a FedRAMP Integration”). */
export const API_URLS: Record<Cloud, string> = {
  commercial: 'https://webexapis.com/v1',
  government: 'https://api-usgov.webex.com/v1'
}

/** For people. */
export const SAID_API_URLS = `${API_URLS.commercial} (${API_URLS.government} in Webex for Government)`

/** The hosts of the CDR API that Cisco documents, the older ones included (developer.webex.com, “Detailed Call History”). */
export const CDR_HOSTS: Record<Cloud, readonly string[]> = {
  commercial: [
    'analytics-calling.webexapis.com',
    'analytics-calling-eu.webexapis.com',
    'analytics-calling-in.webexapis.com',
    'analytics-calling-au.webexapis.com',
    'analytics.webexapis.com'
  ],
  government: ['analytics-calling-gov.webexapis.com', 'analytics-f.webex.com']
}

/** The hosts that reports are downloaded from (developer.webex.com, “Reports”, and answers that were met). */
export const REPORT_HOSTS = /^(downloadservicebts|reportdownload-[a-z0-9-]+)\.webex\.com$/

/** undefined of a host that is not Webex's own, such as a gateway or the simulator. */
export function cloudOf(url: string): Cloud | undefined {
  const { hostname } = new URL(url)
  const isOf = (cloud: Cloud) =>
    hostname === new URL(API_URLS[cloud]).hostname || CDR_HOSTS[cloud].includes(hostname)
  return isOf('government') ? 'government' : isOf('commercial') ? 'commercial' : undefined
}

/** @throws ConfigurationError where tokens of one cloud would be sent to the other */
export function requireOneCloud({ apiUrl, analyticsUrl }: { apiUrl: string; analyticsUrl: string }): void {
  const [ofTokens, ofRecords] = [cloudOf(apiUrl), cloudOf(analyticsUrl)]
  if (!ofTokens || !ofRecords || ofTokens === ofRecords) return
  throw new ConfigurationError(
    `WEBEX_API_URL (${apiUrl}) and WEBEX_ANALYTICS_URL (${analyticsUrl}) are in different clouds, one of them Webex for Government: nothing is sent; \`npm run setup -- --region gov\` (or us, eu, in, au) sets both`
  )
}
