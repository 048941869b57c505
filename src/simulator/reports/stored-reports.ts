import { randomUUID } from 'node:crypto'
import { badRequest, notFound, Refusal } from '../answer.js'
import type { ReportsOptions, StoredReport } from './options.js'
import type { ReportRequest } from './request.js'

const MOST_STORED = 50

/** The reports of the organisation. */
export class StoredReports {
  readonly #options: ReportsOptions
  readonly #now: () => number
  readonly #reports = new Map<string, StoredReport & { end: StoredReport['status'] }>()
  #created = 0

  constructor(options: ReportsOptions, now: () => number) {
    this.#options = options
    this.#now = now
  }

  /** As they are now, in the order in which they were asked for. */
  all(): StoredReport[] {
    return [...this.#reports.values()].map(({ end, ...report }) => {
      const isReady = this.#now() >= report.created + (this.#options.takes ?? 2_000)
      return { ...report, status: isReady ? end : report.status }
    })
  }

  /** @throws Refusal with a 404 */
  get(id: string): StoredReport {
    return this.all().find((report) => report.id === id) ?? refuseUnknown()
  }

  /**
   * @returns the ID
   * @throws Refusal with a 400 when there are as many as there may be
   */
  add(request: ReportRequest): string {
    if (this.#reports.size >= MOST_STORED) {
      throw new Refusal(badRequest(`at most ${MOST_STORED} reports can be stored; delete one first`))
    }
    const id = Buffer.from(`ciscospark://us/REPORT/${randomUUID()}`).toString('base64url')
    const end = this.#options.ends?.[this.#created++] ?? 'done'
    const created = this.#now()
    this.#reports.set(id, { id, ...request, created, status: 'In progress', downloads: 0, end })
    return id
  }

  /** @throws Refusal with a 404 */
  delete(id: string): void {
    if (!this.#reports.delete(id)) refuseUnknown()
  }

  countDownload(id: string): void {
    const report = this.#reports.get(id)
    if (report) report.downloads += 1
  }
}

function refuseUnknown(): never {
  throw new Refusal(notFound())
}
