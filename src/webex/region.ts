import { FatalError } from '../errors.js'
import type { Log } from '../log.js'
import { mayReceiveToken } from './hosts.js'
import { clean } from './redaction.js'
import { type ServiceResponse, sayResponse } from './response.js'

/** The host that has the organisation's records: the configured one, until that sends us to another region's. */
export class Region {
  private readonly configured: URL
  private base: URL
  private switched = false

  /** @param analyticsUrl without a trailing slash */
  constructor(
    analyticsUrl: string,
    private readonly log: Log
  ) {
    this.configured = new URL(`${analyticsUrl}/`)
    this.base = this.configured
  }

  /** Without a trailing slash. */
  get url(): string {
    return this.base.href.replace(/\/$/, '')
  }

  /**
   * 451 names the region's host (“Please use …”, or “URL: https://…”).
   * @throws FatalError when it names none that may be sent the token, or is the second one
   */
  switchTo(response: ServiceResponse, source: string): void {
    const named = [...response.message.matchAll(/(https?:\/\/)?([\w-]+(?:\.[\w-]+)+(?::\d+)?)/gi)].map(
      ([, scheme, host]) => `${scheme ?? `${this.configured.protocol}//`}${host}`
    )
    const target = named
      .filter((text) => URL.canParse(text))
      .map((text) => new URL(text))
      .find((url) => mayReceiveToken(url, this.configured) && url.host !== this.base.host)
    if (!target || this.switched) {
      throw new FatalError(
        `${source}: ${sayResponse(response)}; ${this.switched ? 'and that was already the second host' : 'it names no known Webex host'}: set WEBEX_ANALYTICS_URL to the analytics-calling host of your region (https://analytics-calling-eu.webexapis.com/v1 for Europe)`
      )
    }
    this.switched = true
    this.base = new URL(this.configured.pathname, target)
    this.log.warn(
      `the organisation's data is served by ${target.host}; set WEBEX_ANALYTICS_URL=${this.url} to ask there at once`
    )
  }

  /**
   * A link's URL as the service wrote it, once it is sure that the token may go there.
   * @throws FatalError
   */
  checked(link: string, from: string, source: string): string {
    const url = URL.canParse(link, from) ? new URL(link, from) : undefined
    if (!url || !mayReceiveToken(url, this.configured)) {
      throw new FatalError(
        `${source}: the link to the next page leads to ${url?.host ? clean(`${url.protocol}//${url.host}`) : 'no URL'}, which is no known Webex host, so the token was not sent there; if Cisco documents that host, set WEBEX_ANALYTICS_URL to it`
      )
    }
    return URL.canParse(link) ? link : url.href
  }
}
