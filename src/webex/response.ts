import type { AxiosResponse } from 'axios'

export interface ServiceResponse {
  status: number
  /** Parsed JSON; text where an error's body is none. */
  body: unknown
  /** The service's own words without our secrets; "" where there are none. */
  message: string
  /** Where a redirect leads, without its query. */
  location: string | undefined
  link: string | undefined
  retryAfter: string | undefined
  trackingId: string | undefined
}

/** @param conceal cuts our secrets out of what the service repeats */
export function serviceResponse(
  { status, data, headers }: Pick<AxiosResponse, 'status' | 'data' | 'headers'>,
  conceal: (text: string) => string
): ServiceResponse {
  const header = (name: string) => (headers[name] === undefined ? undefined : String(headers[name]))
  const body = typeof data === 'string' ? parsed(data) : data
  const trackingId = header('trackingid') ?? text(fieldOf(body, 'trackingId'))
  const location = status >= 300 && status < 400 ? header('location') : undefined
  return {
    status,
    body,
    message: conceal(wordsOf(body)),
    location: location && clean(conceal(location.replace(/[?#].*$/s, ''))),
    link: header('link'),
    retryAfter: header('retry-after'),
    trackingId: trackingId && clean(conceal(trackingId))
  }
}

/** The service's own words, for a log or an error. */
export function serviceMessage({ message }: ServiceResponse): string {
  return clean(message)
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
export function sayResponse(response: ServiceResponse): string {
  const message = serviceMessage(response)
  const redirect = response.location ? `, a redirect to ${response.location} that is not followed` : ''
  const tracking = response.trackingId ? ` (Trackingid ${response.trackingId})` : ''
  return `the service answered ${response.status}${redirect}${message ? `: ${message}` : ''}${tracking}`
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

/** What comes from outside goes into logs: no control characters, no tokens, not long. */
export function clean(message: string): string {
  return message
    .replace(/[\p{Cc}\p{Cf}\s]+/gu, ' ')
    .replace(
      /\b(Bearer\s+|(?:access|refresh)_token["'\\:=\s]+|client_secret["'\\:=\s]+)[^\s"'\\,;&]+/gi,
      '$1[redacted]'
    )
    .trim()
    .slice(0, 300)
    .toWellFormed()
}
