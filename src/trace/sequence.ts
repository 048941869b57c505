import { isService } from '../calls/meanings.js'
import { type Html, html } from '../html.js'
import { legible } from '../legible.js'
import type { Hop, Side } from './hops.js'
import { clockOf, sayKind, sayOutcome, saySide } from './words.js'

// All in px.
const TIMES = 104
const LANE = 148
const HEAD = { width: 132, height: 58 }
const ROW = 58
const BAR = 10
const MARGIN = 12
const TOP = 8

/** Somebody or something that legs begin or end at: a vertical line. */
interface Lane {
  side: Side
  x: number
}

/** A sequence diagram of the legs of a call: parties as vertical lines, legs as arrows, from top to bottom in time. */
export function sequence(journey: readonly Hop[], id: string): Html {
  const lanes = lanesOf(journey)
  const laneOf = (side: Side) => lanes.get(side.key)!
  const bottom = TOP + HEAD.height + (journey.length + 0.8) * ROW
  const rows = journey.map((hop, index) => ({ hop, y: TOP + HEAD.height + (index + 0.7) * ROW }))
  const texts = rows.map(({ hop, y }) => legOf(hop, y, laneOf(hop.from).x, laneOf(hop.to).x))
  const right = TIMES + lanes.size * LANE
  const width = Math.ceil(Math.max(right, ...texts.map((leg) => leg.right)) + MARGIN)
  return html`<svg class="sequence" role="img" aria-labelledby="${id}-title" aria-describedby="${id}-text" width="${width}" height="${bottom + MARGIN}" viewBox="0 0 ${width} ${bottom + MARGIN}">
<title id="${id}-title">Sequence of the call</title>
<desc id="${id}-text">${journey.length} legs between ${lanes.size} parties, in order of time. The table below has the same legs.</desc>
<defs><marker id="tip" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="8" markerHeight="8" orient="auto"><path class="tip" d="M0 0 8 4 0 8z"/></marker></defs>
${[...lanes.values()].map((lane) => laneLine(lane, bottom))}
${rows.flatMap((row) => barOf(row, rows, laneOf(row.hop.to).x))}
${texts.map(({ drawn }) => drawn)}
${[...lanes.values()].map(laneHead)}
</svg>`
}

function lanesOf(journey: readonly Hop[]): Map<string, Lane> {
  const lanes = new Map<string, Lane>()
  for (const side of journey.flatMap(({ from, to }) => [from, to])) {
    if (!lanes.has(side.key)) lanes.set(side.key, { side, x: TIMES + (lanes.size + 0.5) * LANE })
  }
  return lanes
}

function laneLine({ x }: Lane, bottom: number): Html {
  return html`<path class="lane" d="M${x} ${TOP + HEAD.height}V${bottom}"/>`
}

function laneHead({ side, x }: Lane): Html {
  const isPerson = sayKind(side) === ''
  const lines = [
    sayKind(side) || (side.locationName ?? ''),
    side.name ?? '',
    side.name === side.number ? '' : (side.number ?? '')
  ]
  const texts = lines.map((line, index) => ({ line, index })).filter(({ line }) => line !== '')
  return html`<g><title>${legible(saySide(side))}</title><rect class="${isPerson ? 'head person' : 'head'}" x="${x - HEAD.width / 2}" y="${TOP}" width="${HEAD.width}" height="${HEAD.height}" rx="6"/>${texts.map(
    ({ line, index }) =>
      html`<text class="${index === 1 ? 'name' : 'small'}" x="${x}" y="${TOP + 17 + index * 16}" text-anchor="middle">${shortened(line)}</text>`
  )}</g>`
}

interface Row {
  hop: Hop
  y: number
}

/** While the call was with a party that took it. */
function barOf({ hop, y }: Row, rows: readonly Row[], x: number): Html[] {
  const { outcome, end } = hop
  if (!/^(answered|passed_on|abandoned)$/.test(outcome) || !end) return []
  const last = rows.findLast((row) => row.hop.start < end) ?? rows.at(-1)!
  const bottom = Math.max(last.y, y) + ROW / 3
  const isTalk = outcome === 'answered' && !isService(hop.to.kind)
  return [
    html`<rect class="${isTalk ? 'bar talk' : 'bar'}" x="${x - BAR / 2}" y="${y}" width="${BAR}" height="${bottom - y}" rx="2"/>`
  ]
}

/** The arrow with its texts, below it or else beside it, and how far to the right they go. */
function legOf(hop: Hop, y: number, from: number, to: number): { drawn: Html; right: number } {
  const isTaken = /^(answered|passed_on|abandoned)$/.test(hop.outcome)
  const [why, outcome] = [legible(hop.why ?? ''), legible(sayOutcome(hop))]
  const width = Math.max(widthOf(why), widthOf(outcome))
  const isBelow = Math.abs(to - from) > width + 3 * BAR
  const left = isBelow ? Math.min(from, to) + BAR : Math.max(from, to) + (from === to ? 44 : BAR)
  const [above, below] = isBelow ? [y - 7, y + 16] : [y - 4, y + 11]
  const tip = to + (to > from ? -BAR / 2 : BAR / 2)
  const arrow = from === to ? `M${from} ${y - 8}h34v16h-${34 - BAR / 2}` : `M${from} ${y}H${tip}`
  const said = `${hop.position}. ${clockOf(hop.start)} ${saySide(hop.from)} → ${saySide(hop.to)}: ${outcome}`
  const drawn = html`<g><title>${legible(said)}</title><text class="small" x="${MARGIN}" y="${y + 4}">${clockOf(hop.start)}</text><text class="small" x="${left}" y="${above}">${why}</text><text x="${left}" y="${below}">${outcome}</text><path class="${isTaken ? 'leg' : 'leg lost'}" d="${arrow}" marker-end="url(#tip)"/></g>`
  return { drawn, right: left + width }
}

/** About, in px: no font is at hand to measure with. */
function widthOf(text: string): number {
  return [...text].reduce((sum, letter) => sum + (letter > '\u2e80' ? 13 : 6.9), 0)
}

/** As much as a head has room for. */
function shortened(text: string): string {
  const plain = legible(text)
  if (widthOf(plain) <= HEAD.width - 8) return plain
  let kept = ''
  for (const letter of plain) {
    if (widthOf(`${kept}${letter}…`) > HEAD.width - 8) break
    kept += letter
  }
  return `${kept}…`
}
