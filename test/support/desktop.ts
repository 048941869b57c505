/**
 * What a suite needs of the machine. Where TEST_DESKTOP is set, as in CI, it must be there; elsewhere the suite is
 * skipped and its name says so.
 */
export function required(what: string, isThere: boolean): boolean {
  if (!isThere && process.env.TEST_DESKTOP) throw new Error(`TEST_DESKTOP is set, and there is no ${what}`)
  return isThere
}
