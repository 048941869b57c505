import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { AccessTokenEndpoint } from './access-token.js'
import { Admission } from './admission.js'
import { analyticsError } from './answer.js'
import { AuthorizeEndpoint } from './authorize.js'
import { CdrEndpoint } from './cdr-endpoint.js'
import { AuthorizationCodes } from './codes.js'
import type { Simulator, SimulatorOptions } from './contract.js'
import { DeviceGrant } from './device.js'
import { FaultPlan } from './faults.js'
import { Integration } from './integration.js'
import { FixedSource } from './records/fixed-source.js'
import { GeneratedSource } from './records/generated-source.js'
import { csvOf } from './reports/csv.js'
import { ReportDesk } from './reports/report-desk.js'
import { Router } from './router.js'
import { type Desks, type Faults, routes } from './routes.js'
import { FEED_RULES, STREAM_RULES } from './rules.js'
import { TokenDesk } from './tokens.js'
import { send } from './transport.js'
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
  const integration = new Integration(options)
  const codes = new AuthorizationCodes(now)
  const tokens = new TokenDesk(options, now)
  const devices = new DeviceGrant(options, now, integration, tokens)
  const admission = new Admission(options, now, tokens)
  const feedRules = { ...FEED_RULES, filterBy: options.filterBy ?? 'start' }
  const reports = new ReportDesk(options.reports ?? {}, now, admission, source)
  const stream = new CdrEndpoint(options, now, admission, source, STREAM_RULES)
  const desks: Desks = {
    feed: new CdrEndpoint(options, now, admission, source, feedRules),
    stream,
    accessToken: new AccessTokenEndpoint(integration, tokens, codes),
    authorize: new AuthorizeEndpoint(integration, codes),
    devices,
    reports
  }
  const faults: Faults = {
    cdr: new FaultPlan(seed, options.faultRate ?? 0),
    token: new FaultPlan(seed, 0),
    report: new FaultPlan(seed, 0)
  }
  const router = new Router(routes(desks, faults))
  const server = serverFor(router, () => now() + (options.clockSkew ?? 0))
  const port = await listen(server, options.port ?? 0)

  return {
    url: `http://127.0.0.1:${port}/v1`,
    port,
    requests: router.requests,
    failNext: (...next) => faults.cdr.add(next),
    failNextToken: (...next) => faults.token.add(next),
    failNextReport: (...next) => faults.report.add(next),
    decideDevice(userCode, accept) {
      if (!devices.decide(userCode, accept)) throw new Error(`no device is waiting with the code ${userCode}`)
    },
    refuseStream: (status) => stream.refuse(status),
    refuseReports: (status) => reports.refuse(status),
    get reports() {
      return reports.stored
    },
    csv: (form, from, to, { timeZone = 'UTC', made = now() } = {}) =>
      csvOf(source, { form, from, to, timeZone, made }),
    expireAccessTokens: () => tokens.expireAccessTokens(),
    truth: (from = now() - FEED_RULES.oldest, to = now() - FEED_RULES.newest) =>
      truthOf(source, from, to, now()),
    calls: (from = now() - FEED_RULES.oldest, to = now() - FEED_RULES.newest) =>
      source.calls(from, to, now()),
    currentRefreshToken: () => tokens.currentRefreshToken,
    close: () => close(server)
  }
}

function serverFor(router: Router, date: () => number): Server {
  return createServer((request, response) => {
    response.setHeader('date', new Date(date()).toUTCString())
    router.handle(request, response).catch((error) => {
      // Nobody hears this where the client went away; anything else is a bug here and must be seen there.
      if (!response.headersSent) return send(response, analyticsError(500, `The simulator failed: ${error}`))
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
