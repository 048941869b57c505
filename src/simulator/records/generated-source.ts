import type { CallTruth } from './call-truth.js'
import { type Delivery, LATEST } from './delivery.js'
import { type DrawnCall, HOUR, hourCalls, hourRecords, LONGEST_SPILL } from './hour.js'
import { SITES } from './organisation.js'
import type { FilterBy, RecordSource } from './source.js'

/** How long after the end of the hour in which its call began a delivery may have its time (milliseconds). */
const REACH: Record<FilterBy, number> = {
  start: LONGEST_SPILL,
  // A call of 20 h, reported once more 5 h later.
  report: LONGEST_SPILL + 20 * HOUR + 5 * HOUR,
  stored: LONGEST_SPILL + LATEST
}

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
  /** What `#storedLate` has found, by hour. */
  readonly #late = new Map<number, Delivery[]>()

  constructor(seed: number, perHour: number) {
    this.#seed = seed
    this.#perHour = perHour
  }

  between(from: number, to: number, filterBy: FilterBy): Delivery[] {
    const first = Math.floor((from - REACH[filterBy]) / HOUR)
    const found: Delivery[] = []
    for (let hour = first; hour * HOUR < to; hour++) {
      const onlyLate = filterBy === 'stored' && lateFrom(hour) <= from
      for (const delivery of onlyLate ? this.#storedLate(hour) : this.#hour(hour)) {
        const time = delivery[filterBy]
        if (time >= from && time < to) found.push(delivery)
      }
    }
    if (filterBy === 'stored') this.#forgetLate(first)
    return found.sort((a, b) => a[filterBy] - b[filterBy])
  }

  calls(from: number, to: number, now: number): CallTruth[] {
    const found: CallTruth[] = []
    const first = Math.floor((from - LONGEST_SPILL) / HOUR)
    for (let hour = first; hour * HOUR < to; hour++) {
      for (const call of hourCalls(this.#seed, hour, this.#perHour)) {
        const truth = truthAt(call, now)
        if (truth && truth.start >= from && truth.start < to) found.push(truth)
      }
    }
    return found.sort((a, b) => a.start - b.start)
  }

  /** The few of an hour's deliveries that much later windows can have: quick to search, and small to keep. */
  #storedLate(hour: number): Delivery[] {
    const known = this.#late.get(hour)
    if (known) return known
    const deliveries = this.#hours.get(hour) ?? hourRecords(this.#seed, hour, this.#perHour)
    const late = deliveries.filter((delivery) => delivery.stored >= lateFrom(hour))
    this.#late.set(hour, late)
    return late
  }

  #forgetLate(before: number): void {
    for (const hour of this.#late.keys()) if (hour < before) this.#late.delete(hour)
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

/** When most of an hour's deliveries have been stored: an hour after its end (milliseconds since 1970). */
function lateFrom(hour: number): number {
  return (hour + 2) * HOUR
}

/** What a call was, by the versions of its records that are visible at `now`; nothing while one is missing. */
function truthAt({ story, deliveries }: DrawnCall, now: number): CallTruth | undefined {
  for (const [i, record] of story.records.entries()) {
    const visible = deliveries[i]!.filter((delivery) => delivery.visibleAt <= now)
    if (visible.length === 0) return undefined
    for (const { correction } of visible) if (correction) story.correct(record, correction)
  }
  return story.truth(story.records.map((record) => record.item['Report ID']))
}
