import { DAY, dayOf } from './days.js'
import type { ReportsOptions } from './options.js'

/** What reports can be made of. Other than those of `TEMPLATE` they are only listed: the simulator has no data for them. */
export interface Template {
  /** Its number is another one in every organisation. */
  id: number
  title: string
  identifier: string
}

export const TEMPLATE: Template = {
  id: 506,
  title: 'Calling Detailed Call History',
  identifier: 'calling_detailed_call_history'
}

export const SERVICE = 'Webex Calling'

const TEMPLATES: readonly Template[] = [
  { id: 501, title: 'Call Queue Stats', identifier: 'call_queue_stats' },
  { id: 502, title: 'Call Queue Agent Stats', identifier: 'call_queue_agent_stats' },
  TEMPLATE,
  { id: 511, title: 'Calling Media Quality', identifier: 'calling_media_quality' }
]

/** What a report may ask for at a time. */
export interface Limits {
  /** YYYY-MM-DD, inclusive. */
  startDate: string
  endDate: string
  maxDays: number
}

/** @param now milliseconds since 1970 */
export function limitsAt(now: number, { maxDays = 92, daysBack = 400 }: ReportsOptions): Limits {
  return { startDate: dayOf(now - daysBack * DAY), endDate: dayOf(now - DAY), maxDays }
}

/** The body of GET /v1/report/templates. */
export function templateList(limits: Limits): Record<string, unknown> {
  const items = TEMPLATES.map(({ id, title, identifier }) => ({
    // In this one place the reference has the capital letter too.
    Id: id,
    title,
    service: SERVICE,
    ...limits,
    identifier,
    timezoneEnabled: true,
    validations: ['templateId', 'startDate', 'endDate'].map((field) => ({ field, required: 'yes' }))
  }))
  return { items, numberOfTemplate: items.length }
}
