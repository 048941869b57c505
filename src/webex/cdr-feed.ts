import { AuthenticationError, FatalError, TemporaryError } from '../errors.js'
import type { Log } from '../log.js'
import type { AccessToken } from './access-token.js'
import { mayReceiveToken } from './hosts.js'
import type { Http } from './http.js'
import { nextLink } from './link.js'
import type { Pacer } from './pacer.js'
import { type ServiceResponse, sayResponse, serviceMessage } from './response.js'

/** One response of cdr_feed. `items` are as the service sent them. */
export interface Page {
  items: unknown[]
  /** No page follows: with this one the window is complete. */
  last: boolean
  /** How many records the service says the window has; only links tell. */
  announced?: number
  /** The service sent a body without `items`, which has been met in the wild. */
  withoutItems?: boolean
}

export interface FeedQuery {
  /** In ms since 1970 UTC. */
  start: number
  end: number
  /** 1 to 10 names as in Control Hub; none = all locations. */
  locations: readonly string[]
}

export interface FeedOptions {
  http: Http
  token: AccessToken
  /** Without a trailing slash. */
  analyticsUrl: string
  maxPerPage: number
  /** For the first request of a window, and for those that follow its links. */
  initialPacer: Pacer
  pagePacer: Pacer
  log: Log
  signal: AbortSignal
}

/** A window of 12 hours would hold 50 million records. */
const MOST_PAGES = 10_000

/** Webex Calling “Detailed Call History”: GET {analyticsUrl}/cdr_feed. */
export class CdrFeed {
  private readonly configured: URL
  private base: URL
  private switched = false

  constructor(private readonly options: FeedOptions) {
    this.configured = new URL(`${options.analyticsUrl}/`)
    this.base = this.configured
  }

  /** Where the records are: another region's host, once the configured one has sent us there. */
  get url(): string {
    return this.base.href.replace(/\/$/, '')
  }

  /**
   * The pages of one window, each fetched when it is asked for. An empty window is one empty page.
   * @throws AuthenticationError, TemporaryError or FatalError; the pages before it stay good
   */
  async *pages(query: FeedQuery): AsyncGenerator<Page, void, undefined> {
    const { initialPacer, pagePacer, signal } = this.options
    await initialPacer.turn(signal)
    let url = this.initialUrl(query)
    let response = await this.get(url)
    while (response.status === 451) {
      this.switchHost(response)
      url = this.initialUrl(query)
      response = await this.get(url)
    }
    const visited = new Set([url])
    let page: Content = emptyWindow(response) ? { items: [] } : content(response)
    for (let pages = 1; ; pages += 1) {
      const next = nextLink(response.link)
      if (next === undefined) {
        yield { ...page, last: true }
        return
      }
      yield { ...page, last: false, ...announcedBy(next) }
      url = this.checked(next, url)
      if (visited.has(url) || pages === MOST_PAGES) {
        throw new FatalError(
          'cdr_feed repeats its page links, so the window cannot be read to its end; the next run tries again'
        )
      }
      visited.add(url)
      await pagePacer.turn(signal)
      response = await this.get(url)
      page = content(response)
    }
  }

  private initialUrl({ start, end, locations }: FeedQuery): string {
    const parameters = [
      `startTime=${new Date(start).toISOString()}`,
      `endTime=${new Date(end).toISOString()}`,
      `max=${this.options.maxPerPage}`,
      // Each name is encoded by itself, so that a comma inside one differs from those between them.
      ...(locations.length > 0 ? [`locations=${locations.map(encodeURIComponent).join(',')}`] : [])
    ]
    return `${new URL('cdr_feed', this.base)}?${parameters.join('&')}`
  }

  private async get(url: string): Promise<ServiceResponse> {
    let response = await this.authorised(url)
    if (response.status === 401) {
      this.options.log.info('the access token is no longer accepted; refreshing it')
      this.options.token.discard()
      response = await this.authorised(url)
    }
    return response
  }

  private async authorised(url: string): Promise<ServiceResponse> {
    const { http, token } = this.options
    return http.request({ url, headers: { Authorization: `Bearer ${await token.get()}` } })
  }

  /** The data lives in another region: 451 names its host (“Please use …”, or “URL: https://…”). */
  private switchHost(response: ServiceResponse): void {
    const named = [
      ...serviceMessage(response).matchAll(/(https?:\/\/)?([\w-]+(?:\.[\w-]+)+(?::\d+)?)/gi)
    ].map(([, scheme, host]) => `${scheme ?? `${this.configured.protocol}//`}${host}`)
    const target = named
      .filter((text) => URL.canParse(text))
      .map((text) => new URL(text))
      .find((url) => mayReceiveToken(url, this.configured) && url.host !== this.base.host)
    if (!target || this.switched) {
      throw new FatalError(
        `cdr_feed: ${sayResponse(response)}; ${this.switched ? 'and that was already the second host' : 'it names no known Webex host'}: set WEBEX_ANALYTICS_URL to the analytics-calling host of your region (https://analytics-calling-eu.webexapis.com/v1 for Europe)`
      )
    }
    this.switched = true
    this.base = new URL(this.configured.pathname, target)
    this.options.log.warn(
      `the organisation's data is served by ${target.host}; set WEBEX_ANALYTICS_URL=${this.url} to ask there at once`
    )
  }

  /** The link's URL as the service wrote it, once it is sure that the token may go there. */
  private checked(link: string, from: string): string {
    const url = URL.canParse(link, from) ? new URL(link, from) : undefined
    if (!url || !mayReceiveToken(url, this.configured)) {
      throw new FatalError(
        `cdr_feed: the link to the next page leads to ${url ? url.origin : 'no URL'}, which is no known Webex host, so the token was not sent there; if Cisco documents that host, set WEBEX_ANALYTICS_URL to it`
      )
    }
    return URL.canParse(link) ? link : url.href
  }
}

type Content = Pick<Page, 'items' | 'withoutItems'>

/** @throws the error that fits what the service answered in place of a page */
function content(response: ServiceResponse): Content {
  const { status, body } = response
  if (status === 401) {
    throw new AuthenticationError(
      `cdr_feed refuses a fresh access token: ${sayResponse(response)}; authorise again: \`npm run setup\``
    )
  }
  if (status === 403) {
    throw new AuthenticationError(
      `cdr_feed: ${sayResponse(response)}; the token needs the scope spark-admin:calling_cdr_read, and the administrator who authorised it the role “Webex Calling Detailed Call History API access”`
    )
  }
  if (status !== 200) throw new FatalError(`cdr_feed: ${sayResponse(response)}`)
  const fields =
    typeof body === 'object' && body !== null && !Array.isArray(body) ? Object.entries(body) : undefined
  const items = fields?.find(([key]) => key.toLowerCase() === 'items')?.[1]
  if (Array.isArray(items)) return { items }
  // Pages without items have been met in the wild; anything else in their place is an error that came as 200.
  if (!fields || fields.some(([, value]) => value !== null)) {
    throw new TemporaryError(
      `cdr_feed: ${sayResponse(response)} without a list of items; the next run tries again`
    )
  }
  return { items: [], withoutItems: true }
}

/** Only the first request of a window may find nothing: a page that a link promised is there. */
function emptyWindow(response: ServiceResponse): boolean {
  return response.status === 204 || (response.status === 404 && /\bno cdrs\b/i.test(serviceMessage(response)))
}

/** `totalCount` of a link to the next page. */
function announcedBy(link: string): { announced?: number } {
  const [, total] = /[?&]totalCount=(\d{1,9})(?:&|$)/.exec(link) ?? []
  return total === undefined ? {} : { announced: Number(total) }
}
