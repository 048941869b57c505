import { UsageError } from '../errors.js'

/** The regions of the CDR API and their hosts (developer.webex.com, “Detailed Call History”). */
export const REGIONS = {
  us: 'https://analytics-calling.webexapis.com/v1',
  eu: 'https://analytics-calling-eu.webexapis.com/v1',
  in: 'https://analytics-calling-in.webexapis.com/v1',
  au: 'https://analytics-calling-au.webexapis.com/v1',
  gov: 'https://analytics-calling-gov.webexapis.com/v1'
}

/** @throws UsageError that lists them */
export function urlOfRegion(name: string): string {
  if (Object.hasOwn(REGIONS, name)) return REGIONS[name as keyof typeof REGIONS]
  throw new UsageError(`--region “${name}” is unknown: write ${Object.keys(REGIONS).join(', ')}`)
}
