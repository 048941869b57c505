/** The columns of a report's CSV, by the year in which they were met: 39, 56 and 83 of them. */
export type ReportForm = '2022' | '2024' | '2026'

/** How a report ends. */
export type ReportEnd = 'done' | 'manual_processing' | 'failed'

/** What reports of Calling Detailed Call History look like and may ask for. */
export interface ReportsOptions {
  /** Default 2026. */
  form?: ReportForm
  /** Most days of one report; default 92, as with Pro Pack. */
  maxDays?: number
  /** How many days startDate may lie back; default 400, as with Pro Pack. */
  daysBack?: number
  /** Names and shapes in the answers: the live service's (the default) or those of the reference. */
  spelling?: 'live' | 'reference'
  /** Whether the download is a ZIP with the CSV in it (the default) or the bare CSV. */
  zipped?: boolean
  /** Milliseconds of `now` that a report is “In progress”; default 2000. */
  takes?: number
  /** How the first, second … report ends; all others, which is the default, are done. */
  ends?: readonly ReportEnd[]
  /** How many downloads of each finished report answer 403, because its file is not there yet; default 0. */
  downloadRefusals?: number
  /** What every authorised request about reports answers, as where Pro Pack is missing; see `refuseReports`. */
  refused?: 403 | 404
}

/** A report that was asked for and not deleted. */
export interface StoredReport {
  id: string
  /** The first and last day, YYYY-MM-DD, inclusive. */
  startDate: string
  endDate: string
  /** IANA name. */
  timeZone: string
  /** Milliseconds since 1970. */
  created: number
  status: 'In progress' | ReportEnd
  /** How many times it was sent. */
  downloads: number
}
