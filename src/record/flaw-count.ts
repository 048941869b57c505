import type { Flaw } from './record.js'

/** How many values of a run did not fit their columns, by API key. */
export class FlawCount {
  private readonly counts = new Map<string, number>()

  add(flaws: readonly Flaw[]): void {
    for (const { kind, key } of flaws) {
      const name = `${kind} ${key}`
      this.counts.set(name, (this.counts.get(name) ?? 0) + 1)
    }
  }

  /** “2 values unreadable Ring duration, 1 cut Model”, the most frequent first; "" when there are none. */
  toString(): string {
    const sorted = [...this.counts].sort(([, a], [, b]) => b - a)
    return sorted.length === 0
      ? ''
      : `values (whole in raw_json): ${sorted.map(([name, count]) => `${count} ${name}`).join(', ')}`
  }
}
