import { type Html, html } from '../../html.js'

interface Section {
  id: string
  title: string
  /** What is counted, such as “calls”. */
  counts: string
  /** How, in a sentence or two. */
  definition: string
  content: readonly Html[]
}

/** A part of the report, with what is counted and how. */
export function section({ id, title, counts, definition, content }: Section): Html {
  return html`<section id="${id}" aria-labelledby="${id}-title">
<h2 id="${id}-title">${title} <small>${counts}</small></h2>
<p class="definition">${definition}</p>
${content}
</section>
`
}

/** A picture and its table, side by side where there is room. */
export function beside(...parts: readonly Html[]): Html {
  return html`<div class="beside">${parts}</div>`
}

export function subtitle(text: string): Html {
  return html`<h3>${text}</h3>`
}

/** A picture above its table, which has many columns. */
export function stacked(...parts: readonly Html[]): Html {
  return html`<div class="stacked">${parts}</div>`
}

/** What stands where there is nothing to show. */
export function nothing(text: string): Html {
  return html`<p class="nothing">${text}</p>`
}
