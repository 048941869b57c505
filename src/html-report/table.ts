import { type Html, html } from '../html.js'
import { percent } from './words.js'

/** A number is sorted by its value, whatever it is shown as. */
export type Cell = string | { shown: string; value: number }

interface Table {
  /** What a row is. */
  caption: string
  /** The first names the row. Numbers stand to the right. */
  columns: readonly string[]
  rows: readonly (readonly Cell[])[]
  /** Rows that are there but not shown. */
  more?: number
}

/** How many rows of a long table are shown. */
export const MOST_ROWS = 50

/** A table that can be sorted; a long one moves in a box of its own, and is printed whole. */
export function table({ caption, columns, rows, more = 0 }: Table): Html {
  if (rows.length === 0) return html``
  const isNumber = columns.map((_, index) => index > 0 && rows.every((row) => typeof row[index] !== 'string'))
  return html`<div class="table" role="region" tabindex="0" aria-label="${caption}">
<table>
<caption>${caption}</caption>
<thead><tr>${columns.map(
    (name, index) =>
      html`<th scope="col"${isNumber[index] ? html` class="number"` : ''}><button type="button">${name}</button></th>`
  )}</tr></thead>
<tbody>${rows.map((row) => html`<tr>${row.map((cell, index) => cellOf(cell, index))}</tr>`)}</tbody>
</table>${more > 0 ? html`<p class="more">and ${more.toLocaleString('en-US')} more</p>` : ''}
</div>`
}

function cellOf(cell: Cell, index: number): Html {
  const { shown, value } = typeof cell === 'string' ? { shown: cell, value: undefined } : cell
  const sorted = value === undefined ? html`` : html` data-value="${value}"`
  if (index === 0) return html`<th scope="row"${sorted}><bdi>${shown}</bdi></th>`
  return value === undefined
    ? html`<td><bdi>${shown}</bdi></td>`
    : html`<td class="number"${sorted}>${shown}</td>`
}

/** A number as it is. */
export function numeric(value: number): Cell {
  return { shown: value.toLocaleString('en-US'), value }
}

export function shareOf(part: number, whole: number): Cell {
  return { shown: percent(part, whole), value: whole === 0 ? -1 : part / whole }
}
