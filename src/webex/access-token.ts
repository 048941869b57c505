import type { SecretStore } from '../credentials/secret-store.js'
import { AuthenticationError, FatalError } from '../errors.js'
import type { Http } from './http.js'
import { type ServiceResponse, sayResponse } from './response.js'

/**
 * The access token of this run, from OAuth's refresh_token grant
 * (developer.webex.com, “Integrations”: POST /v1/access_token).
 */
export class AccessToken {
  private token: string | undefined

  constructor(
    private readonly http: Http,
    /** Without a trailing slash. */
    private readonly apiUrl: string,
    private readonly secrets: SecretStore
  ) {}

  async get(): Promise<string> {
    this.token ??= await this.refresh()
    return this.token
  }

  /** The service refused the token: the next `get` asks for a new one. */
  discard(): void {
    this.token = undefined
  }

  /** @throws AuthenticationError when the service refuses the credentials, TemporaryError when it does not answer */
  private async refresh(): Promise<string> {
    const { clientId, clientSecret, refreshToken } = await this.secrets.read()
    for (const secret of [clientSecret, refreshToken]) this.http.conceal(secret)
    const response = await this.http.request({
      method: 'POST',
      url: `${this.apiUrl}/access_token`,
      data: new URLSearchParams({
        grant_type: 'refresh_token',
        client_id: clientId,
        client_secret: clientSecret,
        refresh_token: refreshToken
      })
    })
    const { access_token: accessToken, refresh_token: newRefreshToken } = tokens(response)
    for (const secret of [accessToken, newRefreshToken]) if (secret) this.http.conceal(secret)
    // Kept before the access token is used: after a crash the old one may be dead.
    if (newRefreshToken && newRefreshToken !== refreshToken)
      await this.secrets.keepRefreshToken(newRefreshToken)
    return accessToken
  }
}

function tokens(response: ServiceResponse): { access_token: string; refresh_token?: string } {
  if ([400, 401, 403].includes(response.status)) {
    throw new AuthenticationError(
      `Webex does not accept the client id, client secret or refresh token: ${sayResponse(response)}; authorise the integration again and set WEBEX_CLIENT_ID, WEBEX_CLIENT_SECRET and WEBEX_REFRESH_TOKEN`
    )
  }
  const body = response.body as { access_token?: unknown; refresh_token?: unknown } | undefined
  const { access_token, refresh_token } = body ?? {}
  if (response.status !== 200 || typeof access_token !== 'string' || !/^[\x21-\x7e]+$/.test(access_token)) {
    // A 200 without a token may hold others in its body: only its status is told.
    const told = response.status === 200 ? 'a body without an access token' : sayResponse(response)
    throw new FatalError(
      `No access token from WEBEX_API_URL: ${told}; check that it is https://webexapis.com/v1`
    )
  }
  return { access_token, ...(typeof refresh_token === 'string' && refresh_token ? { refresh_token } : {}) }
}
