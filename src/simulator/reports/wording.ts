import { namedUuid } from '../records/draw.js'
import { iso } from '../records/leg.js'
import type { ReportsOptions, StoredReport } from './options.js'
import { SERVICE, TEMPLATE } from './templates.js'

const CREATOR = Buffer.from(`ciscospark://us/PEOPLE/${namedUuid('admin')}`).toString('base64url')

/** The names and shapes in which the service tells of reports. */
export interface Wording {
  created(id: string): Record<string, unknown>
  /** @param origin of the URL to download it from */
  one(report: StoredReport, origin: string): Record<string, unknown>
  list(reports: readonly StoredReport[], origin: string): Record<string, unknown>
}

/** As live answers are. */
const live: Wording = {
  created: (id) => ({ items: { Id: id } }),
  one: (report, origin) => live.list([report], origin),
  list(reports, origin) {
    const items = reports.map((report) => ({
      ...commonOf(report),
      timezoneName: report.timeZone,
      scheduleFrom: 'api',
      ...(isReady(report) ? { downloadDomain: `${origin}/`, downloadURL: downloadUrl(report, origin) } : {}),
      Id: report.id
    }))
    return { items, numberOfReports: items.length }
  }
}

/** As the reference has them. */
const reference: Wording = {
  created: (id) => ({ items: { id } }),
  one: (report, origin) => ({
    id: report.id,
    ...commonOf(report),
    timeZone: report.timeZone,
    scheduledFrom: 'api',
    ...(isReady(report) ? { downloadURL: downloadUrl(report, origin) } : {})
  }),
  list: (reports, origin) => ({ items: reports.map((report) => reference.one(report, origin)) })
}

export function wordingOf({ spelling = 'live' }: ReportsOptions): Wording {
  return { live, reference }[spelling]
}

/** Whether there is something to download, now or soon. */
export function isReady({ status }: StoredReport): boolean {
  return status === 'done' || status === 'manual_processing'
}

function commonOf({ startDate, endDate, created, status }: StoredReport): Record<string, unknown> {
  return {
    title: TEMPLATE.title,
    service: SERVICE,
    startDate,
    endDate,
    siteList: '',
    created: iso(created).slice(0, 19).replace('T', ' '),
    createdBy: CREATOR,
    status
  }
}

function downloadUrl({ id }: StoredReport, origin: string): string {
  return `${origin}/api?reportId=${id}`
}
