import { type Answer, feedError, Refusal } from './answer.js'
import type { SimulatorOptions } from './contract.js'
import { type FeedQuery, readFeedQuery } from './feed-query.js'
import { cutPage, nextLink } from './paging.js'
import { RateLimit } from './rate-limit.js'
import type { Delivery } from './records/delivery.js'
import type { FilterBy, RecordSource } from './records/source.js'
import type { TokenDesk } from './tokens.js'

const SMALLEST_PAGE = 500
const SCOPE = 'spark-admin:calling_cdr_read'

/** The platform's own words, as live 403 answers have them: they do not say which of the two is missing. */
const FORBIDDEN =
  'The server understood the request, but refused to fulfill it because the access token is missing required scopes or the user is missing required roles or licenses.'

/** GET /v1/cdr_feed. */
export class CdrFeed {
  readonly #options: SimulatorOptions
  readonly #now: () => number
  readonly #tokens: TokenDesk
  readonly #source: RecordSource
  readonly #rateLimit = new RateLimit()
  readonly #filterBy: FilterBy
  #window?: { start: number; end: number; rows: readonly Delivery[] }

  constructor(options: SimulatorOptions, now: () => number, tokens: TokenDesk, source: RecordSource) {
    this.#options = options
    this.#now = now
    this.#tokens = tokens
    this.#source = source
    this.#filterBy = options.filterBy ?? 'start'
  }

  /**
   * @param self URL of this endpoint without query, for the link to the next page
   * @throws Refusal where the request breaks a rule
   */
  answer(query: URLSearchParams, authorization: string | undefined, self: string): Answer {
    this.#admit(query, authorization)
    const minPageSize = this.#options.minPageSize ?? SMALLEST_PAGE
    const asked = readFeedQuery(query, this.#now(), minPageSize, this.#source.locations)
    return this.#page(asked, query, self)
  }

  #admit(query: URLSearchParams, authorization: string | undefined): void {
    const scopes = this.#tokens.scopesOf(authorization)
    if (authorization === undefined || scopes === undefined) {
      throw new Refusal(
        feedError(401, 'The request requires a valid access token set in the Authorization header.')
      )
    }
    if (!scopes.includes(SCOPE) || this.#options.roleMissing) throw new Refusal(feedError(403, FORBIDDEN))
    if (this.#options.region !== undefined) {
      const where = `Please use ${this.#options.region}`
      throw new Refusal(feedError(451, `This server cannot serve the data for this organization. ${where}`))
    }
    if (!this.#options.rateLimit) return
    const wait = this.#rateLimit.take(authorization, query.has('startTimeForNextFetch'), this.#now())
    if (wait > 0) {
      throw new Refusal(feedError(429, 'Request rate exceeds threshold', { 'retry-after': String(wait) }))
    }
  }

  #page(asked: FeedQuery, query: URLSearchParams, self: string): Answer {
    const rows = this.#visible(asked)
    if (rows.length === 0 && asked.cursor === undefined) {
      return feedError(404, 'No CDRs for requested time range and filters')
    }
    const { page, cursor } = cutPage(rows, asked, this.#filterBy)
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

  #visible({ start, end, locations }: FeedQuery): Delivery[] {
    const now = this.#now()
    const wanted = new Set<unknown>(locations)
    return this.#rows(start, end).filter(
      (row) =>
        row.visibleAt <= now && now < row.hiddenFrom && (wanted.size === 0 || wanted.has(row.item.Location))
    )
  }

  /** A window's rows, visible or not; the last window's are kept, because its pages follow one another. */
  #rows(start: number, end: number): readonly Delivery[] {
    if (this.#window?.start !== start || this.#window.end !== end) {
      this.#window = { start, end, rows: this.#source.between(start, end, this.#filterBy) }
    }
    return this.#window.rows
  }
}
