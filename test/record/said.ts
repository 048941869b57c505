/** What an item says: its values that are not empty, by key without case and blanks, in order. */
export function said(item: object): Record<string, string[]> {
  const byKey: Record<string, string[]> = Object.create(null)
  for (const [key, value] of Object.entries(item)) {
    if (value === undefined || value === null || value === '') continue
    const folded = key.toLowerCase().replace(/\s+/g, '')
    byKey[folded] = [...(byKey[folded] ?? []), JSON.stringify(value)]
  }
  return Object.fromEntries(Object.entries(byKey).sort(([a], [b]) => (a < b ? -1 : 1)))
}
