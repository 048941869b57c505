import type { CallClass, CallOutcome } from '../../entities/index.js'
import type { Series } from '../charts/figure.js'

const CLASS_LABELS: Record<CallClass, string> = {
  inbound: 'Inbound',
  outbound: 'Outbound',
  internal: 'Internal',
  toll_free: 'Toll-free',
  meeting: 'Meeting',
  emergency: 'Emergency',
  unknown: 'Unknown'
}

const OUTCOME_LABELS: Record<CallOutcome, string> = {
  answered: 'Answered',
  voicemail: 'Voicemail',
  abandoned: 'Abandoned',
  no_answer: 'No answer',
  busy: 'Busy',
  refused: 'Refused',
  blocked: 'Blocked',
  failed: 'Failed'
}

export const CLASSES = seriesOf(CLASS_LABELS)
export const OUTCOMES = seriesOf(OUTCOME_LABELS)

/** Only those that there are: a legend of what is not there tells nothing. */
export function present(series: readonly Series[], keys: readonly (string | null)[]): Series[] {
  const there = new Set(keys)
  return series.filter(({ key }) => there.has(key))
}

/** Texts of the service or of users, the most frequent first; from the eighth on they are one. */
export function seriesOf(labels: Readonly<Record<string, string>>): Series[] {
  return Object.entries(labels).map(([key, label], index) => ({
    key,
    label,
    colour: `var(--series-${(index % 8) + 1})`
  }))
}
