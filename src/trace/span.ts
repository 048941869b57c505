/** Moments at which calls began, in ms since 1970 UTC; the end is not included. */
export interface Span {
  since: number
  until: number
}

/** As parameters of a query. */
export function moments({ since, until }: Span): { since: Date; until: Date } {
  return { since: new Date(since), until: new Date(until) }
}
