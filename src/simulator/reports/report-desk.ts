import { Readable } from 'node:stream'
import type { Admission } from '../admission.js'
import { type Answer, badRequest, platformError, Refusal } from '../answer.js'
import type { RecordSource } from '../records/source.js'
import { csvOf } from './csv.js'
import type { ReportsOptions, StoredReport } from './options.js'
import { readReportRequest } from './request.js'
import { StoredReports } from './stored-reports.js'
import { limitsAt, TEMPLATE, templateList } from './templates.js'
import { isReady, type Wording, wordingOf } from './wording.js'
import { zip } from './zip.js'

const MOST_DOWNLOADS = 30

/** The Reports API, for Calling Detailed Call History. All but `admit` expect that the request was admitted. */
export class ReportDesk {
  readonly #options: ReportsOptions
  readonly #now: () => number
  readonly #admission: Admission
  readonly #source: RecordSource
  readonly #wording: Wording
  readonly #reports: StoredReports
  /** By ID, how many downloads have been refused because the file was not there yet. */
  readonly #early = new Map<string, number>()
  #refused: 403 | 404 | undefined

  constructor(options: ReportsOptions, now: () => number, admission: Admission, source: RecordSource) {
    this.#options = options
    this.#now = now
    this.#admission = admission
    this.#source = source
    this.#wording = wordingOf(options)
    this.#reports = new StoredReports(options, now)
    this.#refused = options.refused
  }

  get stored(): StoredReport[] {
    return this.#reports.all()
  }

  /** From now on answers this status to every authorised request; undefined ends it. */
  refuse(status: 403 | 404 | undefined): void {
    this.#refused = status
  }

  /** @throws Refusal with a 401, 403 or 404 */
  admit(authorization: string | undefined): void {
    this.#admission.admitToReports(authorization, this.#refused)
  }

  /** GET /v1/report/templates */
  templates(): Answer {
    return { status: 200, body: templateList(limitsAt(this.#now(), this.#options)) }
  }

  /** POST /v1/reports */
  create(body: string): Answer {
    const request = readReportRequest(body, limitsAt(this.#now(), this.#options))
    return { status: 200, body: this.#wording.created(this.#reports.add(request)) }
  }

  /** GET /v1/reports */
  list(origin: string): Answer {
    return { status: 200, body: this.#wording.list(this.#reports.all(), origin) }
  }

  /** GET /v1/reports/{id} */
  show(id: string, origin: string): Answer {
    return { status: 200, body: this.#wording.one(this.#reports.get(id), origin) }
  }

  /** DELETE /v1/reports/{id} */
  delete(id: string): Answer {
    this.#reports.delete(id)
    return { status: 204, body: '' }
  }

  /** GET /api?reportId=… */
  download(id: string): Answer {
    const report = this.#reports.get(id)
    if (!isReady(report) || this.#isEarly(report)) {
      throw new Refusal(platformError(403, 'The file of this report is not available.'))
    }
    if (report.downloads >= MOST_DOWNLOADS) {
      throw new Refusal(badRequest(`a report can be downloaded ${MOST_DOWNLOADS} times at most`))
    }
    this.#reports.countDownload(id)
    return this.#file(report)
  }

  #isEarly({ id }: StoredReport): boolean {
    const early = this.#early.get(id) ?? 0
    if (early >= (this.#options.downloadRefusals ?? 0)) return false
    this.#early.set(id, early + 1)
    return true
  }

  #file({ id, startDate, endDate, timeZone, created }: StoredReport): Answer {
    const { form = '2026', zipped = true } = this.#options
    const what = { form, from: startDate, to: endDate, timeZone, made: created }
    const content = csvOf(this.#source, what)
    if (!zipped) return file('text/csv', Readable.from(content))
    const name = `${TEMPLATE.title}_${id.slice(-8)}_${startDate}_${endDate}.csv`
    return file('application/octet-stream', Readable.from(zip([{ name, content }])))
  }
}

function file(type: string, body: Readable): Answer {
  return { status: 200, body, headers: { 'content-type': type } }
}
