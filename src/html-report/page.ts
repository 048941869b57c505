import { type Html, html, inline, sourceOf } from '../html.js'
import type { Found } from './collect.js'
import { SCRIPT } from './script.js'
import { answeringSection } from './sections/answering.js'
import { callsSection, weekSection } from './sections/calls.js'
import { failuresSection, routeListsSection } from './sections/failures.js'
import { emergencySection, recordingsSection, spamSection } from './sections/marks.js'
import { locationsSection, usersSection } from './sections/people.js'
import { pstnSection } from './sections/pstn.js'
import { servicesSection } from './sections/services.js'
import { summary } from './sections/summary.js'
import { trunksSection } from './sections/trunks.js'
import { worthSection } from './sections/worth.js'
import { STYLE } from './style.js'
import { named, sayTime } from './words.js'

/** The report as one page of HTML that asks nothing of any network, and may not. */
export function reportPage(found: Found): string {
  const { frame, byPlace } = found
  const hasCalls = byPlace.length > 0
  const { text } = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${POLICY}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<title>Calls, ${sayTime(frame.period.since)} to ${sayTime(frame.period.until)} UTC</title>
${inline('style', STYLE)}
</head>
<body>
<svg class="defs" width="0" height="0" aria-hidden="true"><defs><pattern id="hatch" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><rect class="hatch-back" width="6" height="6"/><rect class="hatch-line" width="2" height="6"/></pattern></defs></svg>
${heading(found)}
<main>
${worthSection(found)}
${hasCalls ? html`${summary(found)}${contents()}${parts(found)}` : html`<p class="empty">No calls in this period${frame.period.locations.length > 0 ? ' at these locations' : ''}.</p>`}
</main>
<footer><p>Made on ${sayTime(found.made)} UTC by webex-cdr. It holds personal data: keep it like the database.</p></footer>
<div id="tip" aria-hidden="true" hidden></div>
${inline('script', SCRIPT)}
</body>
</html>
`
  return text
}

const POLICY = `default-src 'none'; style-src ${sourceOf(STYLE)}; script-src ${sourceOf(SCRIPT)}; base-uri 'none'; form-action 'none'`

function heading({ frame: { period } }: Found): Html {
  const { since, until, locations } = period
  const places = locations.length === 0 ? 'all locations' : locations.map((name) => named(name)).join(', ')
  return html`<header>
<p class="eyebrow">Webex Calling</p>
<h1>Call report</h1>
<p class="period"><strong>${sayTime(since)}</strong> to <strong>${sayTime(until)}</strong> UTC · <bdi>${places}</bdi></p>
</header>`
}

const CONTENTS: [id: string, title: string][] = [
  ['calls', 'Calls by day'],
  ['week', 'The week'],
  ['answering', 'Answering and waiting'],
  ['queues', 'Queues and hunt groups'],
  ['users', 'Users'],
  ['locations', 'Locations'],
  ['trunks', 'Trunks'],
  ['pstn', 'PSTN minutes'],
  ['failures', 'Failures'],
  ['route-lists', 'Route lists'],
  ['emergency', 'Emergency'],
  ['spam', 'Spam'],
  ['recordings', 'Recordings']
]

function contents(): Html {
  return html`<nav aria-label="Contents"><ul>${CONTENTS.map(
    ([id, title]) => html`<li><a href="#${id}">${title}</a></li>`
  )}</ul></nav>`
}

function parts(found: Found): Html {
  const all = [callsSection, weekSection, answeringSection, servicesSection, usersSection, locationsSection]
  const rest = [trunksSection, pstnSection, failuresSection, routeListsSection, emergencySection]
  return html`${[...all, ...rest, spamSection, recordingsSection].map((part) => part(found))}`
}
