import { z } from 'zod'
import { SAID_API_URLS } from '../config/clouds.js'
import { AuthenticationError, FatalError } from '../errors.js'
import type { Http } from './http.js'
import { type ServiceResponse, sayResponse } from './response.js'

export interface TokenAnswer {
  accessToken: string
  refreshToken?: string | undefined
  /** How long the refresh token lives if it is not used, in s; not every answer tells. */
  refreshTokenExpiresIn?: number | undefined
  /** The scopes that were given, separated by blanks; not every answer has them. */
  scope?: string | undefined
}

/** What to say when the service refuses: which of the things it was given may be wrong, and what to do. */
export interface Refusal {
  /** “client id, client secret or refresh token” */
  offered: string
  remedy: string
}

const SECRET_FIELDS = ['client_secret', 'refresh_token', 'code', 'code_verifier']

/**
 * One grant (RFC 6749 §4.1.3, §6; developer.webex.com, “Integrations”). Nothing of what is secret in the form
 * or in the answer can get into a log or an error afterwards.
 * @param keep is given a new refresh token before anything else: what came with it may be of no use
 * @throws AuthenticationError when the service refuses, TemporaryError when it does not answer, FatalError
 * when its answer holds no access token
 */
export async function postForTokens(
  http: Http,
  url: string,
  form: Record<string, string>,
  refusal: Refusal,
  keep?: (refreshToken: string) => Promise<void>
): Promise<TokenAnswer> {
  for (const name of SECRET_FIELDS) if (form[name]) http.conceal(form[name])
  const response = await http.request({ method: 'POST', url, data: new URLSearchParams(form) })
  const { refresh_token: refreshToken } = refreshBody.parse(response.status === 200 ? response.body : {})
  if (refreshToken) {
    http.conceal(refreshToken)
    await keep?.(refreshToken)
  }
  return readTokens(http, response, refusal)
}

const refreshToken = z.string().min(1).optional().catch(undefined)
const refreshBody = z.object({ refresh_token: refreshToken }).catch({ refresh_token: undefined })
const tokenBody = z.object({
  access_token: z.string().regex(/^[\x21-\x7e]+$/),
  refresh_token: refreshToken,
  refresh_token_expires_in: z.number().positive().max(1e9).optional().catch(undefined),
  scope: z
    .string()
    .regex(/^[\x20-\x7e]+$/)
    .optional()
    .catch(undefined)
})

/** The tokens in an answer of a token endpoint; throws as `postForTokens` does. */
export function readTokens(http: Http, response: ServiceResponse, { offered, remedy }: Refusal): TokenAnswer {
  if ([400, 401, 403].includes(response.status)) {
    throw new AuthenticationError(`Webex does not accept the ${offered}: ${sayResponse(response)}; ${remedy}`)
  }
  const body = tokenBody.safeParse(response.body)
  if (response.status !== 200 || !body.success) {
    // A 200 without a token may hold others in its body: only its status is told.
    const told = response.status === 200 ? 'a body without an access token' : sayResponse(response)
    throw new FatalError(`No access token from WEBEX_API_URL: ${told}; ${checkUrl(response)}`)
  }
  const { access_token: accessToken, refresh_token: refreshToken } = body.data
  for (const secret of [accessToken, refreshToken]) if (secret) http.conceal(secret)
  const { scope, refresh_token_expires_in: refreshTokenExpiresIn } = body.data
  return { accessToken, refreshToken, refreshTokenExpiresIn, scope }
}

/** What to do where an answer is none of a token endpoint's, which does not send anybody elsewhere. */
export function checkUrl({ status }: ServiceResponse): string {
  const isRedirect = status >= 300 && status < 400
  return `${isRedirect ? 'is a proxy asking to sign in? If not, ' : ''}check that it is ${SAID_API_URLS}`
}
