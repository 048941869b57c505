import type { WebexSettings } from '../config/settings.js'
import { TemporaryError } from '../errors.js'
import type { WebexClient } from '../webex/client.js'
import { sayWrongClock } from '../webex/clock-skew.js'
import { proxyFor } from '../webex/proxy.js'
import { sayDay, sayDying } from '../webex/refresh-token-life.js'
import { type Check, check, type Finding, failure, ok, warning } from './check.js'

/** In ms. */
const MINUTE = 60_000

/** A token, one real request, and what its answers tell. Spends the refresh token: whoever calls has the lease. */
export async function* checkWebex(
  client: WebexClient,
  settings: WebexSettings,
  now: () => number
): AsyncGenerator<Check> {
  const token = await check('token', async () => {
    await client.token.get().catch(notLater)
    return sayLife(client.token.refreshTokenExpires, settings.apiUrl, now())
  })
  yield token
  if (token.status === 'failure') return
  yield await check('scope and role', async () => {
    await requestOnce(client, now()).catch(notLater)
    return ok('cdr_feed answers')
  })
  yield await check('region', () => sayRegion(client.region.url, settings.analyticsUrl))
  yield await check('clock', () => saySkew(client.http.clockSkew))
}

/** In days. */
const SOON = 14

function sayLife(expires: number | undefined, apiUrl: string, now: number): Finding {
  const dying = sayDying(expires, now, SOON)
  if (dying) return warning(dying)
  const proxy = proxyFor(apiUrl)
  const through = proxy ? ` through ${proxy.name}` : ''
  return ok(
    `refreshed at ${apiUrl}${through}${expires === undefined ? '' : `; valid until ${sayDay(expires)}`}`
  )
}

/** Somebody waits for the answer: no next run mends it. */
export function notLater(error: unknown): never {
  if (!(error instanceof TemporaryError)) throw error
  const remedy = /the service (answered|asks)/.test(error.message)
    ? 'try again later'
    : /_proxy\)/i.test(error.message)
      ? 'check the proxy'
      : 'check the network; behind a proxy set HTTPS_PROXY'
  throw new TemporaryError(error.message.replace(/the next run (tries again|continues from here)/, remedy))
}

/** The smallest request there is: the newest ten minutes that the service shows. */
export async function requestOnce({ feed }: WebexClient, now: number): Promise<void> {
  const end = now - 6 * MINUTE
  const pages = feed.pages({ start: end - 10 * MINUTE, end, locations: [] })
  await pages.next()
  await pages.return()
}

function sayRegion(served: string, configured: string): Finding {
  return served === configured
    ? ok(served)
    : warning(`the records are at ${served}: set WEBEX_ANALYTICS_URL to it to save a request`)
}

function saySkew(skew: number | undefined): Finding {
  if (skew === undefined) return warning('the service sent no time to compare with')
  const wrong = sayWrongClock(skew)
  return wrong
    ? failure(wrong)
    : ok(`within ${Math.max(1, Math.ceil(Math.abs(skew) / 1_000))} s of the service’s`)
}
