/** Items of a run. Once they are stored, `fetched` is the sum of the others. */
export interface Counters {
  fetched: number
  inserted: number
  updated: number
  duplicate: number
  quarantined: number
}

export const NOTHING: Counters = { fetched: 0, inserted: 0, updated: 0, duplicate: 0, quarantined: 0 }

export function sum(a: Counters, b: Counters): Counters {
  return combine(a, b, 1)
}

export function difference(a: Counters, b: Counters): Counters {
  return combine(a, b, -1)
}

function combine(a: Counters, b: Counters, sign: 1 | -1): Counters {
  return {
    fetched: a.fetched + sign * b.fetched,
    inserted: a.inserted + sign * b.inserted,
    updated: a.updated + sign * b.updated,
    duplicate: a.duplicate + sign * b.duplicate,
    quarantined: a.quarantined + sign * b.quarantined
  }
}
