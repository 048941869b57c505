import type { Readable } from 'node:stream'

/** A response before it is written. A body that is neither text nor a file goes out as JSON. */
export interface Answer {
  status: number
  body: string | Record<string, unknown> | Readable
  headers?: Record<string, string>
}

/** A request that breaks a rule: carries the answer it gets. */
export class Refusal extends Error {
  readonly answer: Answer

  constructor(answer: Answer) {
    super(`refused with ${answer.status}`)
    this.answer = answer
  }
}

/** An error as the analytics service writes it; the trackingId is added when it is sent. */
export function analyticsError(status: number, message: string, headers?: Record<string, string>): Answer {
  return { status, body: { message, errorCode: status }, headers }
}

/** An error as the platform (webexapis.com) writes it; the trackingId is added when it is sent. */
export function platformError(status: number, message: string, description = message): Answer {
  return { status, body: { message, errors: [{ description }] } }
}

/** The platform's answer to a path that it does not have. */
export function notFound(): Answer {
  return platformError(404, 'The requested resource could not be found.')
}

/** The platform's answer to a request whose parameters it cannot take. */
export function badRequest(description: string): Answer {
  return platformError(400, 'The request could not be understood by the server.', description)
}

/** Sends the browser to a URI, with these parameters added to its query. */
export function redirect(uri: string, parameters: Record<string, string | undefined>): Answer {
  const url = new URL(uri)
  for (const [name, value] of Object.entries(parameters)) {
    if (value !== undefined) url.searchParams.append(name, value)
  }
  return {
    status: 302,
    body: '',
    headers: { 'content-type': 'text/plain', location: url.href, 'cache-control': 'no-store' }
  }
}
