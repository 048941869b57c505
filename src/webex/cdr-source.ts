import { AuthenticationError, FatalError, ForbiddenError, NotServedError, TemporaryError } from '../errors.js'
import { type AuthorisedTools, authorised } from './authorised.js'
import { sayWrongClock } from './clock-skew.js'
import { JsonItems } from './json-body.js'
import { nextLink } from './link.js'
import type { Pacer } from './pacer.js'
import type { Region } from './region.js'
import { type ServiceResponse, sayResponse } from './response.js'

/** The two APIs for call detail records, under the names by which the service and cdr_sync_state know them. */
export type SourceName = 'cdr_feed' | 'cdr_stream'

/** One response. `items` are as the service sent them, each made when it is asked for. */
export interface Page {
  items: Pick<readonly unknown[], 'length' | 'at'> & { bytes?: number; release?(): void }
  /** No page follows: with this one the window is complete. */
  last: boolean
  /** How many records the service says the window has; only links tell. */
  announced?: number
  /** The service sent a body without `items`, which has been met in the wild. */
  withoutItems?: boolean
  /** The window begins again, in smaller pages: those before are repeated. */
  anew?: boolean
}

export interface PageQuery {
  /** In ms since 1970 UTC: Start time for cdr_feed, time of storage for cdr_stream. */
  start: number
  end: number
  /** 1 to 10 names as in Control Hub; none = all locations. */
  locations: readonly string[]
}

export interface SourceOptions extends AuthorisedTools {
  region: Region
  maxPerPage: number
  /** For the first request of a window, and for those that follow its links. */
  initialPacer: Pacer
  pagePacer: Pacer
  signal: AbortSignal
}

/** A window of 12 hours would hold 50 million records. */
const MOST_PAGES = 10_000
/** What the service raises a smaller `max` to. */
const SMALLEST_PAGE = 500

/** Webex Calling “Detailed Call History”: GET {analyticsUrl}/cdr_feed or cdr_stream. */
export class CdrSource {
  constructor(
    readonly name: SourceName,
    private readonly options: SourceOptions
  ) {}

  /**
   * The pages of one window, each fetched when it is asked for. An empty window is one empty page. Where one takes the
   * service too long, the window is asked for again in smaller ones: its links are not ours to change.
   * @throws ForbiddenError or NotServedError before the first page, AuthenticationError, TemporaryError or FatalError;
   * the pages before it stay good
   */
  async *pages(query: PageQuery): AsyncGenerator<Page, void, undefined> {
    const most = this.options.maxPerPage
    for (let max = most; ; max = Math.max(Math.floor(max / 2), SMALLEST_PAGE)) {
      let anew = max < most
      try {
        for await (const page of this.pagesOf(query, max)) {
          yield anew ? { ...page, anew } : page
          anew = false
        }
        return
      } catch (error) {
        const isTooMuch = error instanceof TemporaryError && error.status === 504
        if (!isTooMuch || max <= SMALLEST_PAGE) throw error
        if (max === most) {
          this.options.log.warn(
            `${this.name}: the service timed out (504) with ${most} records a page: retrying this window with half as many, down to ${SMALLEST_PAGE}`
          )
        }
      }
    }
  }

  private async *pagesOf(query: PageQuery, max: number): AsyncGenerator<Page, void, undefined> {
    const { initialPacer, pagePacer, signal, region } = this.options
    await initialPacer.turn(signal)
    let url = this.initialUrl(query, max)
    let response = await this.get(url)
    while (response.status === 451) {
      region.switchTo(response, this.name)
      url = this.initialUrl(query, max)
      response = await this.get(url)
    }
    const visited = new Set([url])
    this.refuse(response)
    let page: Content = emptyWindow(response) ? { items: [] } : this.content(response)
    for (let pages = 1; ; pages += 1) {
      const next = nextLink(response.link)
      if (next === undefined) {
        yield { ...page, last: true }
        return
      }
      yield { ...page, last: false, ...announcedBy(next) }
      url = region.checked(next, url, this.name)
      if (visited.has(url) || pages === MOST_PAGES) {
        const fault = visited.has(url)
          ? 'repeats its page links'
          : `has more than ${MOST_PAGES} pages in a window`
        throw new FatalError(
          `${this.name} ${fault}, so the window cannot be read to its end; the next run tries again`
        )
      }
      visited.add(url)
      await pagePacer.turn(signal)
      response = await this.get(url)
      page = this.content(response)
    }
  }

  private initialUrl({ start, end, locations }: PageQuery, max: number): string {
    const parameters = [
      `startTime=${new Date(start).toISOString()}`,
      `endTime=${new Date(end).toISOString()}`,
      `max=${max}`,
      // Each name is encoded by itself, so that a comma inside one differs from those between them.
      ...(locations.length > 0 ? [`locations=${locations.map(encodeURIComponent).join(',')}`] : [])
    ]
    return `${this.options.region.url}/${this.name}?${parameters.join('&')}`
  }

  private get(url: string): Promise<ServiceResponse> {
    return authorised(this.options, { url })
  }

  /** @throws ForbiddenError or NotServedError where the source cannot be had at all */
  private refuse(response: ServiceResponse): void {
    const { status } = response
    if (status === 403) {
      throw new ForbiddenError(
        `${this.name}: ${sayResponse(response)}; the token needs the scope spark-admin:calling_cdr_read, and the administrator who authorised it needs the role “Webex Calling Detailed Call History API access”`
      )
    }
    if ([404, 405, 410].includes(status) && !emptyWindow(response)) {
      throw new NotServedError(
        `${this.name}: ${sayResponse(response)} at ${this.options.region.url}: check WEBEX_ANALYTICS_URL`
      )
    }
  }

  /** @throws the error that fits what the service answered in place of a page */
  private content(response: ServiceResponse): Content {
    const { status, body } = response
    if (status === 401) {
      throw new AuthenticationError(
        `${this.name} rejects a new access token: ${sayResponse(response)}; authorise again: \`npm run setup\``
      )
    }
    if (status !== 200) {
      throw new FatalError(`${this.name}: ${sayResponse(response)}; ${this.remedy(status)}`)
    }
    const fields =
      typeof body === 'object' && body !== null && !Array.isArray(body) ? Object.entries(body) : undefined
    const lists = fields?.filter(([key]) => key.toLowerCase() === 'items').map(([, value]) => value) ?? []
    const items = lists.find((list) => list instanceof JsonItems)
    if (items) return { items }
    if (lists.some(Array.isArray)) return { items: lists.filter(Array.isArray).flat() }
    // Pages without items have been met in the wild; anything else in their place is an error that came as 200.
    if (!fields || fields.some(([, value]) => value !== null)) {
      throw new TemporaryError(
        `${this.name}: ${sayResponse(response)} without a list of items; the next run tries again`
      )
    }
    return { items: [], withoutItems: true }
  }

  private remedy(status: number): string {
    if (status >= 300 && status < 400) return 'check WEBEX_ANALYTICS_URL, and whether a proxy asks to sign in'
    // A range that is too new or too old for the service is one by its clock.
    const wrongClock = status === 400 ? sayWrongClock(this.options.http.clockSkew) : undefined
    return wrongClock ?? 'if it happens again, give the Trackingid to Cisco support'
  }
}

type Content = Pick<Page, 'items' | 'withoutItems'>

/** Only the first request of a window may find nothing: a page that a link promised is there. */
function emptyWindow(response: ServiceResponse): boolean {
  return response.status === 204 || (response.status === 404 && /\bno cdrs\b/i.test(response.message))
}

/** `totalCount` of a link to the next page. */
function announcedBy(link: string): { announced?: number } {
  const [, total] = /[?&]totalCount=(\d{1,9})(?:&|$)/.exec(link) ?? []
  return total === undefined ? {} : { announced: Number(total) }
}
