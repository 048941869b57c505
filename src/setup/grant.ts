import type { Now, Sleep } from '../clock.js'
import { FatalError, UsageError } from '../errors.js'
import { authorizeInBrowser } from '../webex/authorization-code.js'
import { authorizeDevice, type DeviceCode } from '../webex/device-grant.js'
import type { Http } from '../webex/http.js'
import type { TokenAnswer } from '../webex/token-endpoint.js'

export const GRANTS = ['browser', 'device', 'refresh-token'] as const
export type Grant = (typeof GRANTS)[number]

/** @throws UsageError */
export function grantOf(text: string): Grant {
  const grant = GRANTS.find((known) => known === text)
  if (!grant) throw new UsageError(`--grant “${text}” is unknown: write ${GRANTS.join(', ')}`)
  return grant
}

export const DEFAULT_REDIRECT_URI = 'http://localhost:8080/callback'
export const CDR_SCOPE = 'spark-admin:calling_cdr_read'

export interface Authorization {
  grant: 'browser' | 'device'
  clientId: string
  clientSecret: string
  redirectUri: string
  scopes: string[]
}

export interface AuthorizationTools {
  http: Http
  /** Without a trailing slash. */
  apiUrl: string
  now: Now
  sleep: Sleep
  signal: AbortSignal
  openUrl: (url: string) => Promise<unknown>
  /** A line for the person who has to accept. */
  say: (line: string) => void
}

/** @throws what the grants throw; FatalError when Webex gives no refresh token */
export async function authorize(
  authorization: Authorization,
  tools: AuthorizationTools
): Promise<TokenAnswer & { refreshToken: string }> {
  const { say } = tools
  const request = { ...tools, ...authorization }
  const answer =
    authorization.grant === 'browser'
      ? await authorizeInBrowser({
          ...request,
          onUrl: (url) => say(`Open this in a browser, sign in as an administrator and accept:\n  ${url}`)
        })
      : await authorizeDevice({ ...request, onCode: (code) => say(sayCode(code)) })
  const { refreshToken } = answer
  if (refreshToken) return { ...answer, refreshToken }
  throw new FatalError(
    'Webex issued an access token but no refresh token, which scheduled runs need; use an integration or a Service App of developer.webex.com'
  )
}

function sayCode({ userCode, verificationUri, expiresIn }: DeviceCode): string {
  return `On any device, open ${verificationUri} and enter ${userCode} within ${Math.round(expiresIn / 60)} minutes.`
}
