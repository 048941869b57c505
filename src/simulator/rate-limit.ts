const MINUTE = 60_000
const INITIAL_PER_MINUTE = 1
const PAGES_PER_MINUTE = 10

/** Counts requests per token over the last 60 s: 1 initial and 10 for further pages. */
export class RateLimit {
  readonly #accepted = new Map<string, number[]>()

  /** Takes one request from the budget, or says for how many seconds there is none. */
  take(token: string, isPage: boolean, now: number): number {
    const key = `${isPage ? 'page' : 'initial'} ${token}`
    const recent = (this.#accepted.get(key) ?? []).filter((at) => at > now - MINUTE)
    this.#accepted.set(key, recent)
    if (recent.length < (isPage ? PAGES_PER_MINUTE : INITIAL_PER_MINUTE)) {
      recent.push(now)
      return 0
    }
    return Math.ceil(((recent[0] as number) + MINUTE - now) / 1000)
  }
}
