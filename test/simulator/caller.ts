import { afterEach } from 'vitest'
import {
  DEMO_CREDENTIALS,
  type Simulator,
  type SimulatorOptions,
  startSimulator
} from '../../src/simulator/index.js'

export const MINUTE = 60_000
export const HOUR = 60 * MINUTE
export const NOW = Date.parse('2026-11-20T12:00:00.000Z')

export type Item = Record<string, unknown>
export type Query = Record<string, string>
export type Api = 'cdr_feed' | 'cdr_stream'

const running: Simulator[] = []

afterEach(async () => {
  await Promise.all(running.splice(0).map((simulator) => simulator.close()))
})

/** A simulator at NOW that ends with the test. */
export async function start(options: SimulatorOptions = {}): Promise<Simulator> {
  const simulator = await startSimulator({ now: () => NOW, ...options })
  running.push(simulator)
  return simulator
}

export function refresh(simulator: Simulator, changes: Query = {}): Promise<Response> {
  const form = {
    grant_type: 'refresh_token',
    client_id: DEMO_CREDENTIALS.clientId,
    client_secret: DEMO_CREDENTIALS.clientSecret,
    refresh_token: DEMO_CREDENTIALS.refreshToken,
    ...changes
  }
  return fetch(`${simulator.url}/access_token`, { method: 'POST', body: new URLSearchParams(form) })
}

export async function accessToken(simulator: Simulator): Promise<string> {
  const body = (await (await refresh(simulator)).json()) as { access_token: string }
  return body.access_token
}

/** GET an API with these parameters, or a whole URL from a Link header. */
export function ask(
  simulator: Simulator,
  token: string,
  query: Query | string,
  api: Api = 'cdr_feed'
): Promise<Response> {
  const url = typeof query === 'string' ? query : `${simulator.url}/${api}?${new URLSearchParams(query)}`
  return fetch(url, { headers: { authorization: `Bearer ${token}` } })
}

/** A window as the service wants it written; by default the newest 12 h that may be asked for. */
export function range(from = NOW - 5 * MINUTE - 12 * HOUR, to = from + 12 * HOUR): Query {
  return { startTime: new Date(from).toISOString(), endTime: new Date(to).toISOString() }
}

export async function items(response: Response): Promise<Item[]> {
  return ((await response.json()) as { items: Item[] }).items
}

/** The URL between the angle brackets of a Link header in either form. */
export function nextUrl(response: Response): string | undefined {
  return /<([^<>]+)>/.exec(response.headers.get('link') ?? '')?.[1]
}

/** All pages of one window. */
export async function allPages(
  simulator: Simulator,
  token: string,
  query: Query,
  api?: Api
): Promise<Item[][]> {
  const pages: Item[][] = []
  for (let next: Query | string | undefined = query; next !== undefined; ) {
    const response = await ask(simulator, token, next, api)
    if (response.status === 404) break
    if (response.status !== 200) throw new Error(`${response.status} ${await response.text()}`)
    next = nextUrl(response)
    pages.push(await items(response))
  }
  return pages
}

/** The least an item needs to be served, at this time. */
export function fixed(id: number, time: number): Item {
  const at = new Date(time).toISOString()
  return {
    'Report ID': `00000000-0000-3000-8000-${String(id).padStart(12, '0')}`,
    'Start time': at,
    'Report time': at
  }
}

export function reportIds(list: readonly Item[]): string[] {
  return list.map((item) => String(item['Report ID']))
}
