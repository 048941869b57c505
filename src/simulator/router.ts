import type { IncomingMessage, ServerResponse } from 'node:http'
import { type Answer, analyticsError, notFound, platformError, Refusal } from './answer.js'
import type { Fault, LoggedRequest } from './contract.js'
import type { FaultPlan } from './faults.js'
import { breakOff, send, sendEndless, sendHalf } from './transport.js'

const LOG_SIZE = 10_000

/** May throw a Refusal instead. */
export type Answering = (url: URL, request: IncomingMessage) => Answer | Promise<Answer>

/** What answers at a path, by method. */
export interface Endpoint {
  faults?: FaultPlan
  GET?: Answering
  POST?: Answering
  DELETE?: Answering
}

/** Brings requests to their endpoints, lets faults have their way with them, and keeps the log. */
export class Router {
  readonly requests: LoggedRequest[] = []
  readonly #endpoints: Readonly<Record<string, Endpoint>>

  /** @param endpoints by path, of which the last part may be `{id}` */
  constructor(endpoints: Readonly<Record<string, Endpoint>>) {
    this.#endpoints = endpoints
  }

  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const at = Date.now()
    // Links are made from this, so it is the address that listens, whatever the Host header claims.
    const url = new URL(`http://127.0.0.1:${request.socket.localPort}${request.url}`)
    const endpoint = this.#endpoints[url.pathname] ?? this.#endpoints[url.pathname.replace(/[^/]+$/, '{id}')]
    const fault = endpoint?.faults?.next()
    const answer = answerInstead(fault) ?? spoilt(await answerOf(endpoint, url, request), fault, url)
    const isUnanswered = fault?.kind === 'reset' || fault?.kind === 'hang'
    this.#log({
      method: request.method ?? '',
      path: url.pathname,
      query: Object.fromEntries(url.searchParams),
      authorization: withoutCredentials(request.headers.authorization),
      status: isUnanswered ? 0 : answer.status,
      at
    })
    if (fault?.kind === 'hang') return
    if (fault?.kind === 'reset') breakOff(response)
    else if (fault?.kind === 'truncate') await sendHalf(response, answer)
    else if (fault?.kind === 'endless') await sendEndless(response, answer)
    else await send(response, answer)
  }

  #log(entry: LoggedRequest): void {
    this.requests.push(entry)
    if (this.requests.length > LOG_SIZE) this.requests.shift()
  }
}

/** The answer of a fault that replaces the endpoint; other faults spoil the endpoint's own answer. */
function answerInstead(fault: Fault | undefined): Answer | undefined {
  if (fault?.kind === 'body') return { status: 200, body: fault.body }
  if (fault?.kind === 'endless') return { status: 200, body: '{"items":[' }
  if (fault?.kind === 'redirect') return { status: 302, body: '', headers: { location: fault.to } }
  if (fault?.kind !== 'status') return undefined
  const { status, body, headers } = fault
  return body === undefined ? analyticsError(status, 'Simulated fault', headers) : { status, body, headers }
}

/** The endpoint's own answer, with what a fault changes in it. */
function spoilt(answer: Answer, fault: Fault | undefined, url: URL): Answer {
  if (fault?.kind === 'withoutItems' && answer.status < 400) return { ...answer, body: {} }
  if (fault?.kind !== 'repeatLink') return answer
  return { ...answer, headers: { ...answer.headers, link: `<${url.href}>; rel="next"` } }
}

async function answerOf(endpoint: Endpoint | undefined, url: URL, request: IncomingMessage): Promise<Answer> {
  if (!endpoint) return notFound()
  const answering = endpoint[request.method as 'GET' | 'POST' | 'DELETE']
  if (!answering) return platformError(405, 'Method not allowed')
  try {
    return await answering(url, request)
  } catch (error) {
    if (error instanceof Refusal) return error.answer
    throw error
  }
}

/** An Authorization header fit for the log: the client secret is in Basic's. */
function withoutCredentials(authorization: string | undefined): string | undefined {
  if (authorization === undefined || authorization.startsWith('Bearer ')) return authorization
  return /^\S+(?= )/.exec(authorization)?.[0] ?? ''
}
