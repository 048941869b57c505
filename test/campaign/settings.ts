import { amount } from '../support/long.js'

/** The same seed gives the same plan. A short campaign is the same every time. */
export const seed = amount('CAMPAIGN_SEED', 8, Math.floor(Date.now() / 1_000))

export const runs = amount('CAMPAIGN_RUNS', 4, 30)

export const recordsPerHour = amount('CAMPAIGN_RECORDS_PER_HOUR', 8, 300)

/** When every campaign begins: the clocks of New York are set back on its second day. */
export const BEGIN = Date.UTC(2026, 9, 31, 14)
