/** `npm run test:long` (vitest's mode `long`) does at length what `npm test` does once. */
export const isLong = process.env.TEST_LONG !== undefined

/**
 * How much a test does.
 * @param name of the environment variable that chooses another number
 * @throws Error where that is no whole number
 */
export function amount(name: string, short: number, long: number): number {
  const text = process.env[name]
  if (!text) return isLong ? long : short
  if (!/^\d{1,10}$/.test(text)) throw new Error(`${name} must be a whole number, not “${text}”`)
  return Number(text)
}
