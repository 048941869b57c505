/** `npm run campaign` has a long one, by vitest's mode; within `npm test` it is short. */
export const isLong = process.env.CAMPAIGN === 'long'

/** The same seed gives the same plan. A short campaign is the same every time. */
export const seed = given('CAMPAIGN_SEED', isLong ? Math.floor(Date.now() / 1_000) : 8)

export const runs = given('CAMPAIGN_RUNS', isLong ? 30 : 10)

export const recordsPerHour = given('CAMPAIGN_RECORDS_PER_HOUR', isLong ? 300 : 40)

/** When every campaign begins: the clocks of New York are set back on its second day. */
export const BEGIN = Date.UTC(2026, 9, 31, 14)

function given(name: string, otherwise: number): number {
  const text = process.env[name]
  if (!text) return otherwise
  if (!/^\d{1,10}$/.test(text)) throw new Error(`${name} must be a whole number, not “${text}”`)
  return Number(text)
}
