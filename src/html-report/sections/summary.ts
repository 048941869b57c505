import { count } from '../../count.js'
import { type Html, html } from '../../html.js'
import { type Found, sum } from '../collect.js'
import { quantile } from '../data/waiting.js'
import { percent, sayMinutes, sayWait } from '../words.js'

/** The numbers that are asked for first. */
export function summary({ byDay, waiting, pstn, emergency, trunks }: Found): Html {
  const calls = sum(byDay, (row) => row.calls)
  const inbound = byDay.filter(({ callClass }) => callClass === 'inbound')
  const offered = sum(inbound, (row) => row.calls)
  const answered = sum(
    inbound.filter(({ outcome }) => outcome === 'answered'),
    (row) => row.calls
  )
  const failed = sum(
    byDay.filter(({ outcome }) => outcome === 'failed' || outcome === 'blocked'),
    (row) => row.calls
  )
  const peak = trunks.reduce((most, row) => Math.max(most, row.peak), 0)
  return tiles([
    ['Calls', count(calls), `${count(offered)} inbound`],
    ['Answer rate', percent(answered, offered), 'of inbound calls, by a person'],
    ['Median wait', sayWait(quantile(waiting.answered, 0.5)), 'of inbound calls that were answered'],
    ['PSTN minutes', sayMinutes(sum(pstn, ({ seconds }) => seconds)), 'inbound and outbound'],
    ['Failed or blocked', percent(failed, calls), `${count(failed)} calls`],
    ['Emergency', count(emergency.total), 'calls, tests included'],
    ['Trunk peak', count(peak), 'legs at once on one trunk']
  ])
}

function tiles(of: readonly (readonly [string, string, string])[]): Html {
  return html`<dl class="tiles">${of.map(
    ([name, value, note]) => html`<div><dt>${name}</dt><dd><b>${value}</b> <span>${note}</span></dd></div>`
  )}</dl>`
}
