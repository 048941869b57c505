/** A response before it is written. A body that is no text goes out as JSON. */
export interface Answer {
  status: number
  body: string | Record<string, unknown>
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
export function feedError(status: number, message: string, headers?: Record<string, string>): Answer {
  return { status, body: { message, errorCode: status }, headers }
}

/** An error as the platform (webexapis.com) writes it; the trackingId is added when it is sent. */
export function platformError(status: number, message: string, description = message): Answer {
  return { status, body: { message, errors: [{ description }] } }
}
