/** [start, end) in ms since 1970 UTC; either may be infinite. */
export interface Range {
  start: number
  end: number
}

/** In order, those that overlap or touch made one, empty ones left out. */
export function union(ranges: readonly Range[]): Range[] {
  const merged: Range[] = []
  for (const { start, end } of [...ranges].sort((a, b) => a.start - b.start)) {
    const last = merged.at(-1)
    if (start >= end) continue
    if (last && start <= last.end) last.end = Math.max(last.end, end)
    else merged.push({ start, end })
  }
  return merged
}

/** What of `ranges` lies in none of `others`, in order. */
export function subtract(ranges: readonly Range[], others: readonly Range[]): Range[] {
  const taken = union(others)
  const left: Range[] = []
  for (const range of union(ranges)) {
    let { start } = range
    for (const other of taken) {
      if (other.end <= start || other.start >= range.end) continue
      if (other.start > start) left.push({ start, end: other.start })
      start = other.end
    }
    if (start < range.end) left.push({ start, end: range.end })
  }
  return left
}

/** What of `ranges` lies in one of `others` too, in order. */
export function intersect(ranges: readonly Range[], others: readonly Range[]): Range[] {
  const bounds = union(others)
  return union(
    ranges.flatMap(({ start, end }) =>
      bounds.map((bound) => ({ start: Math.max(start, bound.start), end: Math.min(end, bound.end) }))
    )
  )
}

export function before(moment: number): Range {
  return { start: Number.NEGATIVE_INFINITY, end: moment }
}
