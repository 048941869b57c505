import type { Admission } from './admission.js'
import { type Answer, analyticsError, Refusal } from './answer.js'
import { type CdrQuery, readCdrQuery } from './cdr-query.js'
import type { SimulatorOptions } from './contract.js'
import { cutPage, nextLink } from './paging.js'
import type { Delivery } from './records/delivery.js'
import type { RecordSource } from './records/source.js'
import type { Rules } from './rules.js'

const SMALLEST_PAGE = 500
const LARGEST_PAGE = 5_000

/** GET /v1/cdr_feed or GET /v1/cdr_stream, as the rules say. */
export class CdrEndpoint {
  readonly #options: SimulatorOptions
  readonly #now: () => number
  readonly #admission: Admission
  readonly #source: RecordSource
  readonly #rules: Rules
  #refused?: 403 | 404
  #window?: { start: number; end: number; rows: readonly Delivery[] }

  constructor(
    options: SimulatorOptions,
    now: () => number,
    admission: Admission,
    source: RecordSource,
    rules: Rules
  ) {
    this.#options = options
    this.#now = now
    this.#admission = admission
    this.#source = source
    this.#rules = rules
  }

  /** From now on answers this status to every authorised request; undefined ends it. */
  refuse(status: 403 | 404 | undefined): void {
    this.#refused = status
  }

  /**
   * @param self URL of this endpoint without query, for the link to the next page
   * @throws Refusal where the request breaks a rule or takes too long
   */
  answer(query: URLSearchParams, authorization: string | undefined, self: string): Answer {
    this.#admission.admit(authorization, query.has('startTimeForNextFetch'), this.#refused)
    const { minPageSize = SMALLEST_PAGE, maxPageSize = LARGEST_PAGE } = this.#options
    const { slowAbove = Number.POSITIVE_INFINITY } = this.#options
    const pageSize = [minPageSize, maxPageSize] as const
    const asked = readCdrQuery(query, this.#rules, this.#now(), pageSize, this.#source.locations)
    if (asked.max > slowAbove) throw new Refusal(analyticsError(504, 'Gateway timeout: reduce max'))
    return this.#page(asked, query, self)
  }

  #page(asked: CdrQuery, query: URLSearchParams, self: string): Answer {
    const rows = this.#shown(asked)
    if (rows.length === 0 && asked.cursor === undefined) {
      return analyticsError(404, 'No CDRs for requested time range and filters')
    }
    const { page, cursor } = cutPage(rows, asked, this.#rules.filterBy)
    const body = { items: page.map((row) => row.item) }
    if (cursor === undefined) return { status: 200, body }
    const totalCount = query.get('totalCount') ?? String(rows.length)
    const link = nextLink(
      self,
      query,
      { cursor, totalCount, max: asked.max },
      this.#options.linkForm ?? 'reference'
    )
    return { status: 200, body, headers: { link } }
  }

  #shown({ start, end, locations }: CdrQuery): Delivery[] {
    const now = this.#now()
    const wanted = new Set<unknown>(locations)
    return this.#rows(start, end).filter(
      (row) => this.#rules.shows(row, now) && (wanted.size === 0 || wanted.has(row.item.Location))
    )
  }

  /** A window's rows, shown or not; the last window's are kept, because its pages follow one another. */
  #rows(start: number, end: number): readonly Delivery[] {
    if (this.#window?.start !== start || this.#window.end !== end) {
      this.#window = { start, end, rows: this.#source.between(start, end, this.#rules.filterBy) }
    }
    return this.#window.rows
  }
}
