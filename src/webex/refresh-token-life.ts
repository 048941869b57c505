const DAY = 24 * 60 * 60_000

/** A day in UTC. */
export function sayDay(moment: number): string {
  return new Date(moment).toISOString().slice(0, 10)
}

/**
 * What to do where a refresh token dies although it was used, which gives it 90 days anew as a rule; undefined
 * where there is time.
 * @param expires in ms since 1970; undefined where Webex does not tell
 * @param days how many are too few
 */
export function sayDying(expires: number | undefined, now: number, days: number): string | undefined {
  if (expires === undefined || expires - now >= days * DAY) return undefined
  const left = Math.floor((expires - now) / DAY)
  const said = left < 1 ? 'within a day' : `in ${left} ${left === 1 ? 'day' : 'days'}`
  return `the refresh token expires ${said}, on ${sayDay(expires)}, and using it does not renew it: authorise again before then: \`npm run setup\``
}
