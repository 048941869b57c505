import type { FaultPlan } from '../faults.js'
import type { Answering, Endpoint } from '../router.js'
import { readBody } from '../transport.js'
import type { ReportDesk } from './report-desk.js'

/** The paths of the Reports API, and the one of another host of the service from which reports are downloaded. */
export function reportRoutes(desk: ReportDesk, faults: FaultPlan): Record<string, Endpoint> {
  const admitted = (answer: Answering): Answering => {
    return (url, request) => {
      desk.admit(request.headers.authorization)
      return answer(url, request)
    }
  }
  return {
    '/v1/report/templates': { faults, GET: admitted(() => desk.templates()) },
    '/v1/reports': {
      faults,
      GET: admitted((url) => desk.list(url.origin)),
      POST: admitted(async (_url, request) => desk.create(await readBody(request)))
    },
    '/v1/reports/{id}': {
      faults,
      GET: admitted((url) => desk.show(lastPart(url), url.origin)),
      DELETE: admitted((url) => desk.delete(lastPart(url)))
    },
    '/api': { faults, GET: admitted((url) => desk.download(url.searchParams.get('reportId') ?? '')) }
  }
}

function lastPart(url: URL): string {
  return url.pathname.slice(url.pathname.lastIndexOf('/') + 1)
}
