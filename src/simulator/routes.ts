import type { IncomingMessage } from 'node:http'
import type { AccessTokenEndpoint } from './access-token.js'
import type { Answer } from './answer.js'
import type { AuthorizeEndpoint } from './authorize.js'
import type { CdrEndpoint } from './cdr-endpoint.js'
import type { DeviceGrant } from './device.js'
import { decideOnDevicePage, devicePage } from './device-page.js'
import type { FaultPlan } from './faults.js'
import type { ReportDesk } from './reports/report-desk.js'
import { reportRoutes } from './reports/report-routes.js'
import type { Endpoint } from './router.js'
import { readBody } from './transport.js'

export interface Desks {
  feed: CdrEndpoint
  stream: CdrEndpoint
  accessToken: AccessTokenEndpoint
  authorize: AuthorizeEndpoint
  devices: DeviceGrant
  reports: ReportDesk
}

/** The faults that wait for requests, by what those are about. */
export interface Faults {
  cdr: FaultPlan
  token: FaultPlan
  report: FaultPlan
}

/** All paths of the simulator, and who answers there. */
export function routes(
  { feed, stream, accessToken, authorize, devices, reports }: Desks,
  faults: Faults
): Record<string, Endpoint> {
  return {
    '/v1/cdr_feed': records(feed, faults.cdr),
    '/v1/cdr_stream': records(stream, faults.cdr),
    '/v1/access_token': {
      ...form((fields, request) => accessToken.answer(fields, request.headers.authorization)),
      faults: faults.token
    },
    '/v1/authorize': { GET: (url) => authorize.page(url.searchParams) },
    '/v1/authorize/decision': form((fields) => authorize.decide(fields)),
    '/v1/device/authorize': form((fields, _request, url) =>
      devices.authorize(fields, `${url.origin}/v1/device`)
    ),
    '/v1/device/token': {
      ...form((fields, request) => devices.token(fields, request.headers.authorization)),
      faults: faults.token
    },
    '/v1/device': { GET: (url) => devicePage(devices, url.searchParams) },
    '/v1/device/decision': form((fields) => decideOnDevicePage(devices, fields)),
    ...reportRoutes(reports, faults.report)
  }
}

function records(endpoint: CdrEndpoint, faults: FaultPlan): Endpoint {
  return {
    faults,
    GET: (url, request) =>
      endpoint.answer(url.searchParams, request.headers.authorization, url.origin + url.pathname)
  }
}

/** An endpoint that takes a form in the body. */
function form(answer: (fields: URLSearchParams, request: IncomingMessage, url: URL) => Answer): Endpoint {
  return {
    POST: async (url, request) => answer(new URLSearchParams(await readBody(request)), request, url)
  }
}
