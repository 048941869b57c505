import type { SecretStore } from '../../src/credentials/secret-store.js'
import { DEMO_CREDENTIALS } from '../../src/simulator/index.js'
import { AccessToken } from '../../src/webex/access-token.js'
import { CdrSource, type Page, type PageQuery } from '../../src/webex/cdr-source.js'
import { Http } from '../../src/webex/http.js'
import { Pacer } from '../../src/webex/pacer.js'
import { Region } from '../../src/webex/region.js'
import { ReportsApi } from '../../src/webex/reports.js'
import { memoryLog } from './log.js'
import { demoSecrets } from './secrets.js'

export interface ClientOptions {
  /** Where the client's clock starts; its waits move it. */
  present?: number
  apiUrl?: string
  maxPerPage?: number
  timeout?: number
  requestsPerMinute?: number
  pagesPerMinute?: number
}

/** Requests as the client makes them, without waits between the attempts. */
export function testHttp(options: { timeout: number; caFile?: string | undefined }) {
  const { log, lines } = memoryLog()
  const { signal } = new AbortController()
  const http = new Http({ ...options, retryDelay: 2, log, now: Date.now, sleep: async () => {}, signal })
  return { http, lines }
}

/** The client as `sync` builds it, with a clock that its own waits move, so that no test waits a minute. */
export function testClient(url: string, options: ClientOptions = {}) {
  const { log, lines } = memoryLog()
  const sleeps: number[] = []
  const kept: string[] = []
  let present = options.present ?? 0
  const now = () => present
  const sleep = async (ms: number) => {
    sleeps.push(ms)
    present += ms
  }
  const store = demoSecrets(log)
  const secrets: SecretStore = {
    place: store.place,
    read: (name) => store.read(name),
    async write(name, value) {
      if (value !== (await store.read(name))) kept.push(value)
      await store.write(name, value)
    },
    remove: (name) => store.remove(name)
  }
  const signal = new AbortController().signal
  const http = new Http({ timeout: options.timeout ?? 5_000, retryDelay: 2, log, now, sleep, signal })
  const token = new AccessToken(
    http,
    { apiUrl: options.apiUrl ?? url, analyticsUrl: url, clientId: DEMO_CREDENTIALS.clientId },
    secrets,
    { log, now }
  )
  const region = new Region({ apiUrl: options.apiUrl ?? url, analyticsUrl: url }, log)
  const sources = {
    http,
    token,
    region,
    maxPerPage: options.maxPerPage ?? 500,
    initialPacer: new Pacer(options.requestsPerMinute ?? 0, now, sleep, log),
    pagePacer: new Pacer(options.pagesPerMinute ?? 0, now, sleep, log),
    log,
    signal
  }
  const feed = new CdrSource('cdr_feed', sources)
  const stream = new CdrSource('cdr_stream', sources)
  const reports = new ReportsApi(sources, options.apiUrl ?? url)
  return { feed, stream, reports, region, http, token, log, lines, sleeps, kept, secrets, now }
}

/** All pages of a window; what ends it is thrown. */
export async function pagesOf(
  source: CdrSource,
  query: Partial<PageQuery> & Pick<PageQuery, 'start' | 'end'>
): Promise<ReadPage[]> {
  const pages: ReadPage[] = []
  for await (const page of source.pages({ locations: [], ...query })) pages.push(readPage(page))
  return pages
}

export type ReadPage = Page & { items: unknown[] }

/** The page with all its items. */
export function readPage(page: Page): ReadPage {
  const { items } = page
  return { ...page, items: Array.from({ length: items.length }, (_, index) => items.at(index)) }
}
