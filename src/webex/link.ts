/**
 * The target of `rel="next"` in a Link header, as written there, or undefined.
 *
 * Reads RFC 8288 and the form that the API reference shows, which doubles the first bracket and closes
 * after the parameters: `<<https://…>;rel="next">`.
 */
export function nextLink(header: string | undefined): string | undefined {
  if (!header) return undefined
  for (const [, target, parameters] of header.matchAll(/<+([^<>]*)>([^<]*)/g)) {
    const rel = /;\s*rel\s*=\s*(?:"([^"]*)"|([^\s";,>]+))/i.exec(parameters ?? '')
    const relations = (rel?.[1] ?? rel?.[2] ?? '').toLowerCase().split(/\s+/)
    if (relations.includes('next')) return target?.trim()
  }
  return undefined
}
