import { readCredentials } from '../credentials/credentials.js'
import type { SecretStore } from '../credentials/secret-store.js'
import type { Http } from './http.js'
import { postForTokens } from './token-endpoint.js'

/**
 * The access token of this run, from OAuth's refresh_token grant
 * (developer.webex.com, “Integrations”: POST /v1/access_token).
 */
export class AccessToken {
  private token: string | undefined

  constructor(
    private readonly http: Http,
    /** `apiUrl` without a trailing slash. */
    private readonly service: { apiUrl: string; clientId?: string | undefined },
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

  /** The one that came with an authorisation, so that none has to be asked for. */
  use(token: string): void {
    this.token = token
  }

  /** @throws AuthenticationError when the service refuses the credentials, TemporaryError when it does not answer */
  private async refresh(): Promise<string> {
    const { clientId, clientSecret, refreshToken } = await readCredentials(
      this.service.clientId,
      this.secrets
    )
    // A store that cannot be written to would lose the successor of the token that is spent here.
    await this.secrets.write('refresh-token', refreshToken)
    const form = {
      grant_type: 'refresh_token',
      client_id: clientId,
      client_secret: clientSecret,
      refresh_token: refreshToken
    }
    const answer = await postForTokens(this.http, `${this.service.apiUrl}/access_token`, form, {
      offered: 'client id, client secret or refresh token',
      remedy: 'authorise again: `npm run setup`'
    })
    // Kept before the access token is used: after a crash the old one may be dead.
    if (answer.refreshToken && answer.refreshToken !== refreshToken) {
      await this.secrets.write('refresh-token', answer.refreshToken)
    }
    return answer.accessToken
  }
}
