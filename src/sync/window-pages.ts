import type { Range } from '../coverage/intervals.js'
import { areLarge } from '../record/page.js'
import type { CdrSource, Page } from '../webex/cdr-source.js'
import { readAhead } from './read-ahead.js'
import { isoTime } from './result.js'

export interface WindowPage extends Page {
  /** With the last page of a window: how the service's own words say that it is not whole. */
  doubt?: string
}

/**
 * The pages of a window, the next one fetched while the present one is being worked on, unless that is a large one. A
 * page may have no items any more once it is done with.
 */
export async function* windowPages(
  source: CdrSource,
  window: Range,
  locations: readonly string[]
): AsyncGenerator<WindowPage, void, undefined> {
  let came = 0
  let announced = 0
  let withoutItems = false
  for await (const page of readAhead(source.pages({ ...window, locations }), ({ items }) =>
    areLarge(items)
  )) {
    if (page.anew) {
      came = 0
      withoutItems = false
    }
    came += page.items.length
    announced = Math.max(announced, page.announced ?? 0)
    withoutItems ||= page.withoutItems === true
    yield page.last ? { ...page, ...doubtOf(window, { came, announced, withoutItems }) } : page
    page.items.release?.()
  }
}

function doubtOf(
  { start }: Range,
  { came, announced, withoutItems }: { came: number; announced: number; withoutItems: boolean }
): { doubt?: string } {
  const from = isoTime(start)
  const doubts = [
    withoutItems && `a page from ${from} on came without items`,
    came < announced && `from ${from} on ${announced} records were announced, ${came} came`
  ].filter(Boolean)
  return doubts.length > 0 ? { doubt: doubts.join('; ') } : {}
}
