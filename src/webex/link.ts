import { FatalError } from '../errors.js'

/**
 * The target of `rel="next"` in a Link header, as written there, or undefined.
 * @throws FatalError when the header speaks of a next page and does not say where: taken for none, its
 *   records would be lost
 *
 * Reads RFC 8288 and the form that the API reference shows, which doubles the first bracket and closes
 * after the parameters: `<<https://…>;rel="next">`.
 */
export function nextLink(header: string | undefined): string | undefined {
  if (!header) return undefined
  for (const [, target, parameters] of header.matchAll(/<+([^<>]*)>([^<]*)/g)) {
    const rel = /;\s*rel\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"';,>]+))/i.exec(parameters ?? '')
    const relations = (rel?.[1] ?? rel?.[2] ?? rel?.[3] ?? '').toLowerCase().split(/\s+/)
    if (relations.includes('next') && target?.trim()) return target.trim()
  }
  if (/\bnext\b/i.test(header.replace(/<[^<>]*>/g, '')))
    throw new FatalError('cdr_feed: the Link header names a next page in a form that cannot be read')
  return undefined
}
