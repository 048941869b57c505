import { messageOf } from '../errors.js'
import { CallbackServer } from './callback-server.js'
import type { Http } from './http.js'
import { createPkce, randomToken } from './pkce.js'
import { postForTokens, type TokenAnswer } from './token-endpoint.js'

export interface BrowserRequest {
  http: Http
  /** Without a trailing slash. */
  apiUrl: string
  clientId: string
  clientSecret: string
  /** As registered with the integration; http, on this machine. */
  redirectUri: string
  scopes: readonly string[]
  /** Where the person has to go; it holds no secret. */
  onUrl(url: string): void
  openUrl(url: string): Promise<unknown>
  /** In ms, for the person to accept; default 5 minutes. */
  timeout?: number
  signal: AbortSignal
}

const DEFAULT_TIMEOUT = 5 * 60_000

/**
 * OAuth's authorization code grant with PKCE, in a browser on this machine
 * (RFC 6749 §4.1, RFC 7636; developer.webex.com, “Login with Webex”).
 * @throws UsageError or ConfigurationError where this machine cannot be called back, AuthenticationError when
 * the person or Webex refuses or nothing comes in time, and what `postForTokens` throws
 */
export async function authorizeInBrowser(request: BrowserRequest): Promise<TokenAnswer> {
  const { redirectUri, openUrl, timeout = DEFAULT_TIMEOUT, signal } = request
  const state = randomToken()
  const { verifier, challenge } = createPkce()
  const server = await CallbackServer.listen(redirectUri, state)
  try {
    const url = authorizeUrl(request, state, challenge)
    request.onUrl(url)
    // Where no browser can be opened, the person has the URL.
    Promise.resolve(url)
      .then(openUrl)
      .catch(() => undefined)
    const callback = await server.callback(timeout, signal)
    try {
      const tokens = await exchange(request, callback.code, verifier)
      await callback.succeed()
      return tokens
    } catch (error) {
      await callback.fail(messageOf(error))
      throw error
    }
  } finally {
    await server.close()
  }
}

function authorizeUrl(request: BrowserRequest, state: string, challenge: string): string {
  const url = new URL(`${request.apiUrl}/authorize`)
  const parameters = new URLSearchParams({
    response_type: 'code',
    client_id: request.clientId,
    redirect_uri: request.redirectUri,
    scope: request.scopes.join(' '),
    state,
    code_challenge: challenge,
    code_challenge_method: 'S256'
  })
  // Blanks as Webex's own examples have them.
  url.search = parameters.toString().replaceAll('+', '%20')
  return url.href
}

function exchange(request: BrowserRequest, code: string, verifier: string): Promise<TokenAnswer> {
  const form = {
    grant_type: 'authorization_code',
    client_id: request.clientId,
    // Webex asks for it in spite of PKCE.
    client_secret: request.clientSecret,
    code,
    redirect_uri: request.redirectUri,
    code_verifier: verifier
  }
  return postForTokens(request.http, `${request.apiUrl}/access_token`, form, {
    offered: 'client secret or the authorization code',
    remedy: 'check the client secret at developer.webex.com (My Webex Apps) and run setup again'
  })
}
