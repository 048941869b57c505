import { badRequest, Refusal } from '../answer.js'
import { Zone } from '../records/local-time.js'
import { DAY, dayOf, startOf } from './days.js'
import { type Limits, TEMPLATE } from './templates.js'

/** A request for a report, checked. The first and last day are YYYY-MM-DD, inclusive. */
export interface ReportRequest {
  startDate: string
  endDate: string
  /** IANA name. */
  timeZone: string
}

/**
 * Reads the body of POST /v1/reports.
 *
 * @throws Refusal with a 400
 */
export function readReportRequest(body: string, limits: Limits): ReportRequest {
  const fields = readObject(body)
  if (typeof fields.templateId !== 'number') refuse('templateId must be a number')
  if (fields.templateId !== TEMPLATE.id) refuse(`templateId ${fields.templateId} is not available`)
  const startDate = readDay(fields, 'startDate')
  const endDate = readDay(fields, 'endDate')
  if (endDate < startDate) refuse('endDate must not be before startDate')
  if (startDate < limits.startDate) refuse(`startDate must not be before ${limits.startDate}`)
  if (endDate > limits.endDate) refuse(`endDate must not be after ${limits.endDate}`)
  const days = (startOf(endDate) - startOf(startDate)) / DAY + 1
  if (days > limits.maxDays) refuse(`the report must have at most ${limits.maxDays} days`)
  return { startDate, endDate, timeZone: readZone(fields.timeZone) }
}

function readObject(body: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(body)
    if (typeof value === 'object' && value !== null) return value as Record<string, unknown>
  } catch {}
  return refuse('the body must be a JSON object')
}

function readDay(fields: Record<string, unknown>, name: string): string {
  const text = fields[name]
  try {
    if (typeof text === 'string') return dayOf(startOf(text))
  } catch {}
  return refuse(`${name} must be written as YYYY-MM-DD`)
}

function readZone(name: unknown = 'UTC'): string {
  try {
    if (typeof name === 'string' && new Zone(name)) return name
  } catch {}
  return refuse('timeZone must be a name of the IANA database')
}

function refuse(message: string): never {
  throw new Refusal(badRequest(message))
}
