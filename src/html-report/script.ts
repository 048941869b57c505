/**
 * Runs in the page: sorts tables, and shows what a mark of a chart stands for, by pointer and by arrow keys. Without it
 * the page says the same.
 */
export const SCRIPT = `
'use strict'
for (const button of document.querySelectorAll('thead button')) {
  button.addEventListener('click', () => {
    const head = button.closest('th')
    const body = head.closest('table').tBodies[0]
    const wasDescending = head.getAttribute('aria-sort') === 'descending'
    const wasAscending = head.getAttribute('aria-sort') === 'ascending'
    // Of numbers the largest are wanted first.
    const isUp = head.classList.contains('number') ? wasDescending : !wasAscending
    for (const other of head.parentNode.cells) other.removeAttribute('aria-sort')
    head.setAttribute('aria-sort', isUp ? 'ascending' : 'descending')
    const valueOf = (row) => {
      const cell = row.cells[head.cellIndex]
      return cell.dataset.value === undefined ? cell.textContent : Number(cell.dataset.value)
    }
    const compare = (a, b) => (typeof a === 'number' ? a - b : a.localeCompare(b, undefined, { numeric: true }))
    const rows = [...body.rows].sort((a, b) => compare(valueOf(a), valueOf(b)))
    body.append(...(isUp ? rows : rows.reverse()))
  })
}

const tip = document.getElementById('tip')
let shown
function show(mark) {
  shown?.classList.remove('shown')
  shown = mark
  tip.hidden = !mark
  if (!mark) return
  mark.classList.add('shown')
  tip.textContent = mark.dataset.tip
  const box = mark.getBoundingClientRect()
  const width = document.documentElement.clientWidth
  const left = box.left + box.width / 2 - tip.offsetWidth / 2
  const above = box.top - tip.offsetHeight - 8
  tip.style.left = Math.max(4, Math.min(left, width - tip.offsetWidth - 4)) + 'px'
  tip.style.top = (above < 4 ? Math.min(box.bottom + 8, innerHeight - tip.offsetHeight - 4) : above) + 'px'
}
for (const chart of document.querySelectorAll('.chart svg')) {
  const marks = []
  let at = -1
  for (const title of chart.querySelectorAll('title')) {
    const mark = title.parentNode
    mark.dataset.tip = title.textContent
    // The browser would show it once more.
    title.remove()
    mark.addEventListener('pointerenter', () => show(mark))
    marks.push(mark)
  }
  if (marks.length === 0) continue
  chart.addEventListener('pointerleave', () => show())
  chart.addEventListener('blur', () => show())
  chart.addEventListener('keydown', (event) => {
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key]
    if (event.key === 'Escape') show()
    if (!step) return
    event.preventDefault()
    at = at < 0 && step < 0 ? marks.length - 1 : (at + step + marks.length) % marks.length
    show(marks[at])
  })
}
addEventListener('scroll', () => show(shown), { passive: true })
`
