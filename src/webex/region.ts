import { type Cloud, cloudOf } from '../config/clouds.js'
import { FatalError } from '../errors.js'
import type { Log } from '../log.js'
import { mayReceiveToken } from './hosts.js'
import { clean } from './redaction.js'
import { type ServiceResponse, sayResponse } from './response.js'

const SET_HOST =
  'set WEBEX_ANALYTICS_URL to the analytics-calling host of your region (https://analytics-calling-eu.webexapis.com/v1 for Europe)'

/** The host that has the organisation's records: the configured one, until that sends us to another region's. */
export class Region {
  private readonly configured: URL
  /** That the access token is of. */
  private readonly cloud: Cloud
  private base: URL
  private switched = false

  /** @param service its URLs are without a trailing slash */
  constructor(
    { apiUrl, analyticsUrl }: { apiUrl: string; analyticsUrl: string },
    private readonly log: Log
  ) {
    this.cloud = cloudOf(apiUrl) ?? cloudOf(analyticsUrl) ?? 'commercial'
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
    const urls = named.filter((text) => URL.canParse(text)).map((text) => new URL(text))
    const target = urls.find(
      (url) => mayReceiveToken(url, this.configured, this.cloud) && url.host !== this.base.host
    )
    if (!target || this.switched) {
      const remedy = this.switched
        ? `this is the second redirect to another host: ${SET_HOST}`
        : (this.elsewhere(urls) ?? `it names no known Webex host: ${SET_HOST}`)
      throw new FatalError(`${source}: ${sayResponse(response)}; ${remedy}`)
    }
    this.switched = true
    this.base = new URL(this.configured.pathname, target)
    this.log.warn(
      `the organisation's data is served by ${target.host}; set WEBEX_ANALYTICS_URL=${this.url} to save a request`
    )
  }

  /** What to do where the organisation is of the other cloud, in which this token is of no use. */
  private elsewhere(urls: URL[]): string | undefined {
    const other = urls.map(({ href }) => cloudOf(href)).find((cloud) => cloud && cloud !== this.cloud)
    if (!other) return undefined
    const [name, region] =
      other === 'government' ? ['Webex for Government', 'gov'] : ['the commercial Webex cloud', 'us']
    return `that is ${name}, to which this token was not sent: run \`npm run setup -- --region ${region}\` with an app created there`
  }

  /**
   * A link's URL as the service wrote it, once it is sure that the token may go there.
   * @throws FatalError
   */
  checked(link: string, from: string, source: string): string {
    const url = URL.canParse(link, from) ? new URL(link, from) : undefined
    if (!url || !mayReceiveToken(url, this.configured, this.cloud)) {
      throw new FatalError(
        `${source}: the link to the next page leads to ${url?.host ? clean(`${url.protocol}//${url.host}`) : 'an invalid URL'}, which is not a known Webex host, so the token was not sent there; if Cisco documents that host, set WEBEX_ANALYTICS_URL to it`
      )
    }
    return URL.canParse(link) ? link : url.href
  }
}
