import type { Delivery } from './records/delivery.js'
import type { RecordSource } from './records/source.js'

/** The newest version of each record that is visible at `now`, by Report ID in lower case. */
export function truthOf(
  source: RecordSource,
  from: number,
  to: number,
  now: number
): Map<string, Record<string, unknown>> {
  const newest = new Map<string, Delivery>()
  for (const delivery of source.between(from, to, 'start')) {
    if (delivery.visibleAt > now || Number.isNaN(delivery.start)) continue
    const id = String(delivery.item['Report ID'] ?? '').toLowerCase()
    const known = newest.get(id)
    if (id === '' || (known && known.report > delivery.report)) continue
    newest.set(id, delivery)
  }
  return new Map([...newest].map(([id, { item }]) => [id, item]))
}
