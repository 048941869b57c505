import type { CdrCall } from '../entities/index.js'
import { type Html, html, inline, sourceOf } from '../html.js'
import { legible } from '../legible.js'
import { sayGap } from '../report/gaps.js'
import type { Hop } from './hops.js'
import { STYLE } from './page-style.js'
import { sayFacts } from './say-trace.js'
import { sequence } from './sequence.js'
import type { Trace } from './trace.js'
import { clockOf, momentOf, sayCalled, sayCaller, sayOutcome, saySide } from './words.js'

/** A page of one file, without a script: nothing is fetched, and nothing that a call brings along can run. */
export function tracePage(
  call: CdrCall,
  journey: readonly Hop[],
  { gaps, notes }: Pick<Trace, 'gaps' | 'notes'>
): string {
  const title = legible(`${sayCaller(call)} called ${sayCalled(call)}`)
  const hints = [...gaps.map(sayGap), ...notes].map(legible)
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src ${sourceOf(STYLE)}; base-uri 'none'; form-action 'none'">
<meta name="viewport" content="width=device-width">
<meta name="robots" content="noindex">
<title>${title}, ${momentOf(call.startUtc)} UTC</title>
${inline('style', STYLE)}
</head>
<body>
<main>
<h1>${title}</h1>
<dl>${sayFacts(call).map(([name, value]) => html`<dt>${name}</dt><dd>${legible(value)}</dd>`)}</dl>
${hints.length > 0 ? html`<ul class="notes">${hints.map((hint) => html`<li>${hint}</li>`)}</ul>` : ''}
<h2 id="sequence">Sequence</h2>
<div class="box" role="region" aria-labelledby="sequence" tabindex="0">
${sequence(journey, 'drawing')}
</div>
<p class="soft">Times are UTC. A dashed arrow is a leg that nobody took; a bar is the time that the call was there, green while a person or a voicemail had it.</p>
<h2 id="legs">Legs</h2>
<div class="box" role="region" aria-labelledby="legs" tabindex="0">
${table(journey)}
</div>
</main>
</body>
</html>
`.text
}

const COLUMNS = ['Leg', 'After leg', 'Time, UTC', 'From', 'To', 'Why', 'What became of it', 'Report IDs']

function table(journey: readonly Hop[]): Html {
  return html`<table>
<thead><tr>${COLUMNS.map((column) => html`<th scope="col">${column}</th>`)}</tr></thead>
<tbody>
${journey.map((hop) => row(hop))}
</tbody>
</table>`
}

function row(hop: Hop): Html {
  const { position, parent, start, from, to, why, reportIds } = hop
  const side = (text: string, device: string | null) =>
    html`<td>${legible(text)}${device === null ? '' : html` <span class="soft">${legible(device)}</span>`}</td>`
  return html`<tr><td>${position}</td><td>${parent ?? ''}</td><td>${clockOf(start)}</td>${side(saySide(from), from.device)}${side(saySide(to), to.device)}<td>${legible(why ?? '')}</td><td>${legible(sayOutcome(hop))}</td><td class="id">${reportIds.map((id) => html`${id}<br>`)}</td></tr>
`
}
