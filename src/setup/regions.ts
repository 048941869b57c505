import { API_URLS } from '../config/clouds.js'
import { UsageError } from '../errors.js'

/** Where a region has its tokens and its records. */
export interface RegionUrls {
  apiUrl: string
  analyticsUrl: string
}

const commercial = (host: string): RegionUrls => ({
  apiUrl: API_URLS.commercial,
  analyticsUrl: `https://${host}.webexapis.com/v1`
})

/** The regions of the CDR API and their hosts (developer.webex.com, “Detailed Call History”). */
export const REGIONS = {
  us: commercial('analytics-calling'),
  eu: commercial('analytics-calling-eu'),
  in: commercial('analytics-calling-in'),
  au: commercial('analytics-calling-au'),
  gov: { apiUrl: API_URLS.government, analyticsUrl: 'https://analytics-calling-gov.webexapis.com/v1' }
}

/** @throws UsageError that lists them */
export function urlsOfRegion(name: string): RegionUrls {
  if (Object.hasOwn(REGIONS, name)) return REGIONS[name as keyof typeof REGIONS]
  throw new UsageError(`--region “${name}” is unknown: write ${Object.keys(REGIONS).join(', ')}`)
}
