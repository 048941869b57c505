import type { Now, Sleep } from '../clock.js'
import type { WebexSettings } from '../config/settings.js'
import type { SecretStore } from '../credentials/secret-store.js'
import type { Log } from '../log.js'
import { AccessToken } from './access-token.js'
import { CdrSource } from './cdr-source.js'
import { Http } from './http.js'
import { Pacer } from './pacer.js'
import { Region } from './region.js'
import { ReportsApi } from './reports.js'

export interface ClientTools {
  secrets: SecretStore
  log: Log
  now: Now
  sleep: Sleep
  /** Ends requests and waits. */
  signal: AbortSignal
}

export interface WebexClient {
  http: Http
  token: AccessToken
  region: Region
  feed: CdrSource
  stream: CdrSource
  reports: ReportsApi
}

export function createClient(webex: WebexSettings, tools: ClientTools): WebexClient {
  const { log, now, sleep, signal, secrets } = tools
  const http = new Http({ ...webex, log, now, sleep, signal })
  const token = new AccessToken(http, webex, secrets, { log, now })
  const region = new Region(webex, log)
  // Whether the two have a budget each is not documented: they share one.
  const options = {
    http,
    token,
    region,
    maxPerPage: webex.maxPerPage,
    initialPacer: new Pacer(webex.requestsPerMinute, now, sleep, log),
    pagePacer: new Pacer(webex.pagesPerMinute, now, sleep, log),
    log,
    signal
  }
  return {
    http,
    token,
    region,
    feed: new CdrSource('cdr_feed', options),
    stream: new CdrSource('cdr_stream', options),
    reports: new ReportsApi(options, webex.apiUrl)
  }
}
