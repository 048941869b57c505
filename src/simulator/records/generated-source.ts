import type { Delivery } from './delivery.js'
import { HOUR, hourRecords, LONGEST_SPILL } from './hour.js'
import { SITES } from './organisation.js'
import { type FilterBy, filterTime, type RecordSource } from './source.js'

/** A call of 20 h, its last leg begun half an hour after its hour, reported once more 5 h later. */
const LONGEST_REPORT = 20 * HOUR + LONGEST_SPILL + 5 * HOUR

/** Deliveries kept in memory (about 2 KB each): at 4,200 an hour roughly the 12 h of one request. */
const CACHE_SIZE = 60_000

/** Makes records hour by hour when they are asked for, and keeps the hours used last. */
export class GeneratedSource implements RecordSource {
  readonly locations = SITES.map((site) => site.name)
  readonly #seed: number
  readonly #perHour: number
  /** In order of use, the least recent first. */
  readonly #hours = new Map<number, Delivery[]>()
  #cached = 0

  constructor(seed: number, perHour: number) {
    this.#seed = seed
    this.#perHour = perHour
  }

  between(from: number, to: number, filterBy: FilterBy): Delivery[] {
    const reach = filterBy === 'start' ? LONGEST_SPILL : LONGEST_REPORT
    const found: Delivery[] = []
    for (let hour = Math.floor((from - reach) / HOUR); hour * HOUR < to; hour++) {
      for (const delivery of this.#hour(hour)) {
        const time = filterTime(delivery, filterBy)
        if (time >= from && time < to) found.push(delivery)
      }
    }
    return found.sort((a, b) => filterTime(a, filterBy) - filterTime(b, filterBy))
  }

  #hour(hour: number): Delivery[] {
    const known = this.#hours.get(hour)
    const deliveries = known ?? hourRecords(this.#seed, hour, this.#perHour)
    if (known) this.#hours.delete(hour)
    else this.#cached += deliveries.length
    this.#hours.set(hour, deliveries)
    this.#evict()
    return deliveries
  }

  #evict(): void {
    for (const [hour, deliveries] of this.#hours) {
      if (this.#cached <= CACHE_SIZE || this.#hours.size === 1) return
      this.#hours.delete(hour)
      this.#cached -= deliveries.length
    }
  }
}
