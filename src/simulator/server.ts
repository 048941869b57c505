import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { feedError } from './answer.js'
import type { Simulator, SimulatorOptions } from './contract.js'
import { FaultPlan } from './faults.js'
import { CdrFeed } from './feed.js'
import { NEWEST, OLDEST } from './feed-query.js'
import { FixedSource } from './records/fixed-source.js'
import { GeneratedSource } from './records/generated-source.js'
import { Router } from './router.js'
import { TokenDesk } from './tokens.js'
import { readBody, send } from './transport.js'
import { truthOf } from './truth.js'

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
  const feedFaults = new FaultPlan(seed, options.faultRate ?? 0)
  const tokenFaults = new FaultPlan(seed, 0)
  const router = routerFor(new CdrFeed(options, now, tokens, source), feedFaults, tokens, tokenFaults)
  const server = serverFor(router)
  const port = await listen(server, options.port ?? 0)

  return {
    url: `http://127.0.0.1:${port}/v1`,
    port,
    requests: router.requests,
    failNext: (...faults) => feedFaults.add(faults),
    failNextToken: (...faults) => tokenFaults.add(faults),
    expireAccessTokens: () => tokens.expireAccessTokens(),
    truth: (from = now() - OLDEST, to = now() - NEWEST) => truthOf(source, from, to, now()),
    currentRefreshToken: () => tokens.currentRefreshToken,
    close: () => close(server)
  }
}

function routerFor(feed: CdrFeed, feedFaults: FaultPlan, tokens: TokenDesk, tokenFaults: FaultPlan): Router {
  return new Router({
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
  })
}

function serverFor(router: Router): Server {
  return createServer((request, response) => {
    router.handle(request, response).catch((error) => {
      // Nobody hears this where the client went away; anything else is a bug here and must be seen there.
      if (!response.headersSent) send(response, feedError(500, `The simulator failed: ${error}`))
    })
  })
}

function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', () => resolve((server.address() as AddressInfo).port))
  })
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve())
    server.closeAllConnections()
  })
}
