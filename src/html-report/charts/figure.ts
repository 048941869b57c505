import * as Plot from '@observablehq/plot'
import { type Html, html } from '../../html.js'
import { Drawing, type Shape } from './drawing.js'

/** What is shown of one kind, and its colour: a custom property of the page's style sheet. */
export interface Series {
  key: string
  label: string
  colour: string
}

/** A chart is drawn for the width of a page and for that of a telephone; the style sheet shows the one that fits. */
export interface Canvas {
  width: number
  isNarrow: boolean
}

const WIDTHS = { half: 600, whole: 1_180, narrow: 340 }

/** Where calls lack. Its pattern is in the page once. */
export const HATCH = 'url(#hatch)'

interface Figure {
  /** What it shows, in a sentence, for whoever cannot see it. */
  label: string
  legend: readonly Series[]
  /** Of what is hatched. */
  hatched: string
  /** It has the width of the page, without a table beside it. */
  isWhole?: boolean
  draw: (canvas: Canvas) => Plot.PlotOptions
}

export function figure({ label, legend, hatched, isWhole = false, draw }: Figure): Html {
  const canvases: Canvas[] = [
    { width: isWhole ? WIDTHS.whole : WIDTHS.half, isNarrow: false },
    { width: WIDTHS.narrow, isNarrow: true }
  ]
  return html`<figure>
<div class="chart">${canvases.map((canvas) => drawn(label, canvas, draw(canvas)))}</div>
<figcaption><ul class="legend">${legend.map(
    ({ label, colour }) => html`<li>${swatch(colour)}${label}</li>`
  )}${hatched ? html`<li>${swatch(HATCH)}${hatched}</li>` : ''}</ul></figcaption>
</figure>`
}

function drawn(label: string, { width, isNarrow }: Canvas, options: Plot.PlotOptions): Html {
  const document = new Drawing()
  const svg = Plot.plot({
    ...options,
    width,
    document: document as unknown as Plot.PlotOptions['document']
  }) as unknown as Shape
  return svg.written([
    ['class', isNarrow ? 'narrow' : 'wide'],
    ['role', 'img'],
    ['aria-label', label],
    ['tabindex', '0']
  ])
}

function swatch(fill: string): Html {
  return html`<svg class="swatch" viewBox="0 0 12 12" aria-hidden="true"><rect width="12" height="12" rx="2" fill="${fill}"/></svg>`
}

/** Of a number that stands on an axis: 12, 1.2k, 3M. */
export function short(n: number): string {
  return n.toLocaleString('en-US', { notation: 'compact', maximumFractionDigits: 1 })
}
