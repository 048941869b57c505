import { readFileSync } from 'node:fs'

/** A file of test/fixtures, parsed. */
export function fixture(name: string) {
  return JSON.parse(readFileSync(new URL(`../fixtures/${name}`, import.meta.url), 'utf8'))
}

/** The record of a live response of September 2026. */
export const live: Record<string, unknown> = fixture('live-2026-09.json').items[0]

/** A moment at which the service shows it. */
export const liveNow = Date.parse('2026-09-24T10:00:00.000Z')

/** The live record under another Report ID, with changes. */
export function item(id: number, changes: object = {}): Record<string, unknown> {
  return { ...live, 'Report ID': `00000000-0000-3000-8000-00000000000${id}`, ...changes }
}
