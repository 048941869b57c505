import type { Range } from './intervals.js'
import type { SourceRules } from './rules.js'

/** Whether the service counts a window's first and last millisecond is not documented, so windows share one. */
export const OVERLAP = 1

/** Cuts a range into windows, oldest first, that cover it without a gap. */
export function planWindows({ start, end }: Range, rules: Pick<SourceRules, 'window'>): Range[] {
  const step = rules.window - OVERLAP
  return Array.from({ length: windowsFor(end - start, rules) }, (_, index) => ({
    start: start + index * step,
    end: Math.min(start + index * step + rules.window, end)
  }))
}

/** The range up to a moment that the windows cover which a shorter one needs: the rest comes for free. */
export function filled({ start, end }: Range, rules: Pick<SourceRules, 'window'>): Range {
  const windows = windowsFor(end - start, rules)
  return { start: end - (windows * rules.window - (windows - 1) * OVERLAP), end }
}

function windowsFor(length: number, { window }: Pick<SourceRules, 'window'>): number {
  return Math.max(1, Math.ceil((length - OVERLAP) / (window - OVERLAP)))
}
