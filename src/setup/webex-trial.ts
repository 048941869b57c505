import { sleep } from '../clock.js'
import { requestOnce } from '../doctor/webex.js'
import { AuthenticationError } from '../errors.js'
import { createClient } from '../webex/client.js'
import { sayDay } from '../webex/refresh-token-life.js'
import type { Choices, Present } from './choices.js'
import type { DraftStore } from './draft-store.js'
import { authorize, CDR_SCOPE } from './grant.js'
import type { SetupTools } from './tools.js'

/**
 * Authorises as chosen and makes one request.
 * @returns where the records are
 */
export async function authorizeAndTest(
  choices: Choices,
  { settings }: Present,
  secrets: DraftStore,
  tools: SetupTools,
  signal: AbortSignal
): Promise<string> {
  const { now, log, passed } = tools
  const { clientId, clientSecret, grant, refreshToken, apiUrl, analyticsUrl, caFile } = choices
  const webex = { ...settings.webex, clientId, apiUrl, analyticsUrl, caFile }
  const client = createClient(webex, { secrets, log, now, sleep, signal })
  let scope: string | undefined
  secrets.give('client-secret', clientSecret)
  if (grant === 'browser' || grant === 'device') {
    const request = { ...choices, grant }
    const answer = await authorize(request, {
      ...tools,
      signal,
      http: client.http,
      apiUrl,
      sleep
    })
    secrets.give('refresh-token', answer.refreshToken)
    client.token.use(answer)
    scope = answer.scope
  } else if (grant === 'refresh-token' && refreshToken) secrets.give('refresh-token', refreshToken)
  await client.token.get().catch((error) => {
    throw notAgain(error, grant)
  })
  const { refreshTokenExpires } = client.token
  const scopes = scope ? `, scopes ${scope}` : ''
  const until =
    refreshTokenExpires === undefined
      ? ''
      : `; the refresh token is valid until ${sayDay(refreshTokenExpires)}`
  passed(`authorised at ${apiUrl}${scopes}${until}`)
  await requestOnce(client, now()).catch((error) => {
    throw refused(notAgain(error, grant), scope)
  })
  passed(`cdr_feed answers at ${client.region.url}`)
  return client.region.url
}

const AGAIN = 'authorise again: `npm run setup`'

/** To run setup again is no remedy within setup. */
function notAgain(error: unknown, grant: Choices['grant']): unknown {
  if (!(error instanceof AuthenticationError) || !error.message.endsWith(AGAIN)) return error
  const remedy =
    grant === 'keep'
      ? 'replace the stored token: `--grant browser` or `device`, or `--refresh-token -`'
      : 'copy client secret and refresh token again from developer.webex.com (My Webex Apps), or use `--grant browser` or `device`'
  return new AuthenticationError(error.message.slice(0, -AGAIN.length) + remedy)
}

/** The service says no more than that a scope, a role or a licence is missing; the token's scopes tell more. */
function refused(error: unknown, scope: string | undefined): unknown {
  if (!(error instanceof AuthenticationError) || scope === undefined) return error
  const missing = scope.split(' ').includes(CDR_SCOPE)
    ? 'the token has that scope, so the administrator who accepted lacks the role, or the organisation lacks the licence'
    : `the token has only ${scope}: add ${CDR_SCOPE} to the integration at developer.webex.com and specify it with --scopes`
  return new AuthenticationError(`${error.message}; ${missing}`)
}
