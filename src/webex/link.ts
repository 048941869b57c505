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
  for (const [, target, parameters] of header.matchAll(LINK)) {
    if (relationsIn(parameters ?? '').includes('next') && target?.trim()) return target.trim()
  }
  // Where brackets are missing or doubled, a relation may stand inside them.
  const besides = header.replace(/<[^<>]*>/g, (target) => /;\s*rel\s*=.*/i.exec(target)?.[0] ?? '')
  if (/\bnext\b/i.test(besides)) {
    throw new FatalError(
      'the Link header to the next page is malformed, so the window cannot be read to its end; the next run tries again'
    )
  }
  return undefined
}

/** A target in brackets, then its parameters; brackets inside quotes are text. No start is tried twice. */
const LINK = /<([^<>]*)>((?:"[^"]*"|[^<"])*)/g
const PARAMETER = /;\s*([\w*-]+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"';,>]+)))?/g

/** Of several `rel` the first counts (RFC 8288 §3.3). */
function relationsIn(parameters: string): string[] {
  const all = [...parameters.matchAll(PARAMETER)]
  const [, , ...values] = all.find(([, name]) => name?.toLowerCase() === 'rel') ?? []
  return (values.find((value) => value !== undefined) ?? '').toLowerCase().split(/\s+/)
}
