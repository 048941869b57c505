import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type Answer, feedError, platformError } from './answer.js'
import type { Fault, LoggedRequest, Simulator, SimulatorOptions } from './contract.js'
import { FaultPlan } from './faults.js'
import { CdrFeed } from './feed.js'
import { NEWEST, OLDEST } from './feed-query.js'
import { FixedSource } from './records/fixed-source.js'
import { GeneratedSource } from './records/generated-source.js'
import { TokenDesk } from './tokens.js'
import { breakOff, readBody, send, sendHalf } from './transport.js'
import { truthOf } from './truth.js'

const LOG_SIZE = 10_000

interface Endpoint {
  method: string
  faults: FaultPlan
  answer(url: URL, request: IncomingMessage): Answer | Promise<Answer>
}

/**
 * Starts a simulator on 127.0.0.1 and resolves once it listens.
 *
 * @throws the system's error when the port is taken
 */
export async function startSimulator(options: SimulatorOptions = {}): Promise<Simulator> {
  const now = options.now ?? Date.now
  const seed = options.seed ?? 1
  const source = options.records
    ? new FixedSource(options.records)
    : new GeneratedSource(seed, options.recordsPerHour ?? 60)
  const tokens = new TokenDesk(options, now)
  const feed = new CdrFeed(options, now, tokens, source)
  const feedFaults = new FaultPlan(seed, options.faultRate ?? 0)
  const tokenFaults = new FaultPlan(seed, 0)
  const endpoints: Record<string, Endpoint> = {
    '/v1/cdr_feed': {
      method: 'GET',
      faults: feedFaults,
      answer: (url, request) =>
        feed.answer(url.searchParams, request.headers.authorization, url.origin + url.pathname)
    },
    '/v1/access_token': {
      method: 'POST',
      faults: tokenFaults,
      answer: async (_url, request) => tokens.answer(new URLSearchParams(await readBody(request)))
    }
  }

  const requests: LoggedRequest[] = []
  const log = (entry: LoggedRequest) => {
    requests.push(entry)
    if (requests.length > LOG_SIZE) requests.shift()
  }

  let origin = ''
  const server = createServer((request, response) => {
    respond(request, response, endpoints, origin, log).catch((error) => {
      // A client that went away is no news; anything else is a bug here and must be seen there.
      if (!response.headersSent) send(response, feedError(500, `The simulator failed: ${error}`))
    })
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(options.port ?? 0, '127.0.0.1', resolve)
  })
  const { port } = server.address() as AddressInfo
  origin = `http://127.0.0.1:${port}`

  return {
    url: `${origin}/v1`,
    port,
    requests,
    failNext: (...faults) => feedFaults.add(faults),
    failNextToken: (...faults) => tokenFaults.add(faults),
    expireAccessTokens: () => tokens.expireAccessTokens(),
    truth: (from = now() - OLDEST, to = now() - NEWEST) => truthOf(source, from, to, now()),
    currentRefreshToken: () => tokens.currentRefreshToken,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      })
  }
}

async function respond(
  request: IncomingMessage,
  response: ServerResponse,
  endpoints: Record<string, Endpoint>,
  origin: string,
  log: (entry: LoggedRequest) => void
): Promise<void> {
  const at = Date.now()
  const url = new URL(origin + request.url)
  const method = request.method ?? ''
  const endpoint = endpoints[url.pathname]
  const fault = endpoint?.faults.next()
  const answer = await answerOf(endpoint, fault, url, request)
  const isCut = fault?.kind === 'reset' || fault?.kind === 'hang'
  log({
    method,
    path: url.pathname,
    query: Object.fromEntries(url.searchParams),
    authorization: request.headers.authorization,
    status: isCut ? 0 : answer.status,
    at
  })
  if (fault?.kind === 'hang') return
  if (fault?.kind === 'reset') breakOff(response)
  else if (fault?.kind === 'truncate') sendHalf(response, answer)
  else send(response, answer)
}

function answerOf(
  endpoint: Endpoint | undefined,
  fault: Fault | undefined,
  url: URL,
  request: IncomingMessage
): Answer | Promise<Answer> {
  if (!endpoint) return platformError(404, 'The requested resource could not be found.')
  if (request.method !== endpoint.method) return platformError(405, 'Method not allowed')
  if (fault?.kind === 'body') return { status: 200, body: fault.body }
  if (fault?.kind === 'status') {
    const { status, body, headers } = fault
    return body === undefined ? feedError(status, 'Simulated fault', headers) : { status, body, headers }
  }
  return endpoint.answer(url, request)
}
