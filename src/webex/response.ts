import type { AxiosResponse } from 'axios'
import type { Redaction } from './redaction.js'

export interface ServiceResponse {
  status: number
  /** Parsed JSON; text where an error's body is none. As it came: to be judged, never told. */
  body: unknown
  /** The service's own words; "" where there are none. As they came: to be judged, never told. */
  message: string
  /** The same for a log or an error. */
  told: string
  /** Where a redirect leads, without its query. */
  location: string | undefined
  link: string | undefined
  retryAfter: string | undefined
  trackingId: string | undefined
}

export function serviceResponse(
  { status, data, headers }: Pick<AxiosResponse, 'status' | 'data' | 'headers'>,
  redaction: Redaction
): ServiceResponse {
  const header = (name: string) => (headers[name] === undefined ? undefined : String(headers[name]))
  const body = typeof data === 'string' ? parsed(data) : data
  const message = wordsOf(body)
  const trackingId = header('trackingid') ?? text(fieldOf(body, 'trackingId'))
  const location = status >= 300 && status < 400 ? header('location') : undefined
  return {
    status,
    body,
    message,
    told: redaction.clean(message),
    location: location && redaction.clean(location.replace(/[?#].*$/s, '')),
    link: header('link'),
    retryAfter: header('retry-after'),
    trackingId: trackingId && redaction.clean(trackingId)
  }
}

/** A refusal that is none of Webex's, whose errors are JSON and have a Trackingid: of a proxy or firewall on the way. */
export function isForeign({ status, body, trackingId }: ServiceResponse): boolean {
  if (trackingId) return false
  return status === 407 || (status === 403 && isPage(body))
}

export function isPage(body: unknown): boolean {
  return typeof body === 'string' && /^\s*<(!doctype|html)/i.test(body)
}

/**
 * CDR bodies carry `message` and `errorCode`, OAuth bodies `errors[].description` or `error_description`; a
 * proxy's may be any text.
 */
function wordsOf(body: unknown): string {
  const errors = fieldOf(body, 'errors')
  const candidates = [
    // OAuth's `message` is the same for whatever is wrong.
    ...(Array.isArray(errors) ? errors.map((error) => fieldOf(error, 'description')) : []),
    fieldOf(body, 'message'),
    fieldOf(body, 'error_description'),
    fieldOf(body, 'error'),
    body
  ]
  return candidates.map(text).find(Boolean) ?? ''
}

/** One line for a log or an error: status, the service's message and its Trackingid, for Cisco's support. */
export function sayResponse({ status, told, location, trackingId }: ServiceResponse): string {
  const redirect = location ? `, a redirect to ${location} that is not followed` : ''
  const tracking = trackingId ? ` (Trackingid ${trackingId})` : ''
  return `the service answered ${status}${redirect}${told ? `: ${told}` : ''}${tracking}`
}

/** `Retry-After` in ms from now, given in seconds or as an HTTP date; undefined where absent or unreadable. */
export function retryAfter({ retryAfter: header }: ServiceResponse, now: number): number | undefined {
  if (header === undefined) return undefined
  if (/^\s*\d{1,9}(\.\d+)?\s*$/.test(header)) return Math.ceil(Number(header) * 1_000)
  const date = /^\s*[a-z]{3}, \d\d [a-z]{3} \d{4} \d\d:\d\d:\d\d GMT\s*$/i.test(header)
    ? Date.parse(header)
    : Number.NaN
  return Number.isNaN(date) ? undefined : Math.max(0, date - now)
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body)
  } catch {
    return body
  }
}

function fieldOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value.trim() ? value : undefined
}
