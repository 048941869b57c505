import { cloudOf } from '../config/clouds.js'
import { AuthenticationError, FatalError, FileError, ForbiddenError, NotServedError } from '../errors.js'
import { type AuthorisedTools, authorised } from './authorised.js'
import { mayReceiveTokenForReport } from './hosts.js'
import type { HttpRequest } from './http.js'
import { JsonItems } from './json-body.js'
import { type ServiceResponse, sayResponse } from './response.js'

/** What the service says of the report “Calling Detailed Call History”. */
export interface ReportTemplate {
  id: unknown
  /** How many days a report has at most. */
  maxDays: number
  /** The first and last day that a report may have, as YYYY-MM-DD; undefined where nothing is said. */
  first: string | undefined
  last: string | undefined
}

export type ServiceReport = { status: 'pending' | 'failed' } | ReadyReport

export interface ReadyReport {
  status: 'ready'
  downloadUrl: string
}

const TITLE = 'calling detailed call history'
/** With a standard licence; no report has fewer. */
const FEWEST_DAYS = 31
/** How many reports an organisation may have. */
const MOST_REPORTS = 50

const READY = ['done', 'manual_processing']
const FAILED = ['failed', 'error']

/** What a download answers before its file is there, and once it was downloaded too often or is gone. */
const NOT_YET = [403, 404]
const NO_MORE = [400, 410]

/** The Reports API (developer.webex.com, “Reports”, “Report Templates”). Names in its answers differ in letter case. */
export class ReportsApi {
  /** @param apiUrl without a trailing slash */
  constructor(
    private readonly tools: AuthorisedTools,
    private readonly apiUrl: string
  ) {}

  /** @throws ForbiddenError, NotServedError where there is none */
  async template(): Promise<ReportTemplate> {
    if (cloudOf(this.apiUrl) === 'government') {
      throw new NotServedError(
        `where Webex for Government has the files of reports is not documented, so none is asked for; ${BY_HAND}`
      )
    }
    const templates = itemsIn(await this.ask({ url: `${this.apiUrl}/report/templates` }))
    const found = templates.find(
      (template) =>
        textIn(template, 'title')?.trim().toLowerCase() === TITLE &&
        /calling/i.test(textIn(template, 'service') ?? 'calling')
    )
    if (!found)
      throw new NotServedError(
        `Webex has no report “Calling Detailed Call History” for this organisation; ${BY_HAND}`
      )
    const maxDays = Number(valueIn(found, 'maxDays'))
    return {
      id: valueIn(found, 'Id'),
      maxDays: Number.isInteger(maxDays) && maxDays > 0 ? maxDays : FEWEST_DAYS,
      first: dayIn(found, 'startDate'),
      last: dayIn(found, 'endDate')
    }
  }

  /**
   * Has a report made.
   * @param first and last days, as YYYY-MM-DD
   * @returns its ID
   * @throws ForbiddenError, FatalError where there are as many as may be
   */
  async create({ id }: ReportTemplate, first: string, last: string): Promise<string> {
    const stored = itemsIn(await this.ask({ url: `${this.apiUrl}/reports` }))
    if (stored.length >= MOST_REPORTS) {
      throw new FatalError(
        `Webex keeps ${MOST_REPORTS} reports that were made by its API, and has as many: delete some (developer.webex.com, “Delete a Report”)`
      )
    }
    const data = { templateId: id, startDate: first, endDate: last, timeZone: 'UTC' }
    // Tried again it would make another one that nobody knows of.
    const once = { 'axios-retry': { retries: 0 } }
    const [made] = itemsIn(await this.ask({ method: 'post', url: `${this.apiUrl}/reports`, data, ...once }))
    const report = textIn(made, 'Id')
    if (!report) throw new FatalError('the Reports API has made a report and does not say its ID')
    return report
  }

  /** undefined where there is none of this ID. */
  async find(id: string): Promise<ServiceReport | undefined> {
    const response = await this.ask({ url: this.urlOf(id) }, [404])
    const [report] = response.status === 404 ? [] : itemsIn(response)
    if (!report) return undefined
    const status = textIn(report, 'status')?.trim().toLowerCase() ?? ''
    const downloadUrl = textIn(report, 'downloadURL')
    if (FAILED.includes(status)) return { status: 'failed' }
    return downloadUrl && READY.includes(status) ? { status: 'ready', downloadUrl } : { status: 'pending' }
  }

  /**
   * @param path of the file that it is written to
   * @returns false where the service does not have the file yet, as it happens just after a report is done
   * @throws FileError where it gives the file no more
   */
  async download({ downloadUrl }: ReadyReport, path: string): Promise<boolean> {
    const url = URL.canParse(downloadUrl) ? new URL(downloadUrl) : undefined
    if (!url || !mayReceiveTokenForReport(url, new URL(this.apiUrl))) {
      throw new NotServedError(
        `the report is to be downloaded from ${url?.host || 'an invalid URL'}, which is no known host of Webex, so the token was not sent there; ${BY_HAND}`
      )
    }
    const response = await this.ask({ url: url.href }, [...NOT_YET, ...NO_MORE], path)
    if (NO_MORE.includes(response.status)) {
      throw new FileError(`Webex does not give the file of the report: ${sayResponse(response)}`)
    }
    if (response.status === 200) return true
    this.tools.log.warn(`the file of the report is not there yet: ${sayResponse(response)}`)
    return false
  }

  async delete(id: string): Promise<void> {
    await this.ask({ method: 'delete', url: this.urlOf(id) }, [404])
  }

  private urlOf(id: string): string {
    return `${this.apiUrl}/reports/${encodeURIComponent(id)}`
  }

  /** @param expected statuses that are an answer, too */
  private async ask(
    request: HttpRequest,
    expected: readonly number[] = [],
    file?: string
  ): Promise<ServiceResponse> {
    const response = await authorised(this.tools, request, file)
    const { status } = response
    if ((status >= 200 && status < 300) || expected.includes(status)) return response
    if (status === 401) {
      throw new AuthenticationError(
        `the Reports API rejects a new access token: ${sayResponse(response)}; authorise again: \`npm run setup\``
      )
    }
    if (status === 403 || status === 404) {
      throw new ForbiddenError(
        `the Reports API: ${sayResponse(response)}; it needs Pro Pack, the scope analytics:read_all, and a full or read-only administrator who authorised it; ${BY_HAND}`
      )
    }
    throw new FatalError(`the Reports API: ${sayResponse(response)}; ${BY_HAND}`)
  }
}

const BY_HAND = 'reports that you download in Control Hub do the same: `npm run import -- report.zip`'

/** What `items` has, which is a list or a single object; without it the body itself. */
function itemsIn({ body }: ServiceResponse): unknown[] {
  const items = valueIn(body, 'items') ?? body
  if (items instanceof JsonItems) return Array.from({ length: items.length }, (_, index) => items.at(index))
  return Array.isArray(items) ? items : [items]
}

function valueIn(object: unknown, key: string): unknown {
  if (typeof object !== 'object' || object === null) return undefined
  return Object.entries(object).find(([name]) => name.toLowerCase() === key.toLowerCase())?.[1]
}

function textIn(object: unknown, key: string): string | undefined {
  const value = valueIn(object, key)
  return typeof value === 'string' || typeof value === 'number' ? String(value) || undefined : undefined
}

function dayIn(object: unknown, key: string): string | undefined {
  const day = /^\d{4}-\d\d-\d\d/.exec(textIn(object, key) ?? '')?.[0]
  return Number.isNaN(Date.parse(`${day}T00:00:00Z`)) ? undefined : day
}
