import { type Now, sleep } from '../clock.js'
import { requireOneCloud } from '../config/clouds.js'
import { readCredentials } from '../credentials/credentials.js'
import { type SecretStore, SecretStoreError } from '../credentials/secret-store.js'
import { messageOf, WrongClockError } from '../errors.js'
import type { Log } from '../log.js'
import { uninterrupted } from '../uninterrupted.js'
import type { Http } from './http.js'
import { sayDying } from './refresh-token-life.js'
import { postForTokens, type TokenAnswer } from './token-endpoint.js'

/** Between the attempts to store a token that nobody else has, in ms. */
const PATIENCE = [500, 1_500, 3_000, 5_000]
/** In days: `doctor` warns earlier, and not every run needs to. */
const URGENT = 7

/**
 * The access token of this run, from OAuth's refresh_token grant
 * (developer.webex.com, “Integrations”: POST /v1/access_token).
 */
export class AccessToken {
  /** When the refresh token dies if it is not used, in ms since 1970; undefined where Webex has not told. */
  refreshTokenExpires: number | undefined
  private token: string | undefined
  private failure: { error: unknown } | undefined

  /** @throws ConfigurationError where its tokens would be sent to the other cloud */
  constructor(
    private readonly http: Http,
    /** URLs without a trailing slash. */
    private readonly service: { apiUrl: string; analyticsUrl: string; clientId?: string | undefined },
    private readonly secrets: SecretStore,
    private readonly tools: { log: Log; now: Now }
  ) {
    requireOneCloud(service)
  }

  /**
   * Asks before the token is needed, as the answer also tells the service's time. The next `get` throws a failure.
   * @throws WrongClockError
   */
  async getAhead(): Promise<void> {
    try {
      await this.get()
    } catch (error) {
      if (error instanceof WrongClockError) throw error
      this.failure = { error }
    }
  }

  async get(): Promise<string> {
    const { failure } = this
    this.failure = undefined
    if (failure) throw failure.error
    this.token ??= await this.refresh()
    return this.token
  }

  /** The service refused the token: the next `get` asks for a new one. */
  discard(): void {
    this.token = undefined
  }

  /** The one that came with an authorisation, so that none has to be asked for. */
  use({ accessToken, refreshTokenExpiresIn }: TokenAnswer): void {
    this.token = accessToken
    this.setExpiry(refreshTokenExpiresIn)
  }

  private setExpiry(seconds: number | undefined): void {
    this.refreshTokenExpires = seconds && this.tools.now() + seconds * 1_000
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
    const refusal = {
      offered: 'client ID, client secret or refresh token',
      remedy: 'authorise again: `npm run setup`'
    }
    const url = `${this.service.apiUrl}/access_token`
    // Kept before the access token is used: after a crash the old one may be dead.
    const answer = await postForTokens(this.http, url, form, refusal, async (successor) => {
      if (successor !== refreshToken) await uninterrupted(() => this.keep(successor))
    })
    this.setExpiry(answer.refreshTokenExpiresIn)
    const dying = sayDying(this.refreshTokenExpires, this.tools.now(), URGENT)
    if (dying) this.tools.log.warn(dying)
    return answer.accessToken
  }

  /** A keyring or a disk may be out of order for a moment only, and the old token is spent. */
  private async keep(successor: string): Promise<void> {
    for (const patience of [...PATIENCE, undefined]) {
      try {
        await this.secrets.write('refresh-token', successor)
        return
      } catch (error) {
        if (patience === undefined) throw lost(error)
        await sleep(patience)
      }
    }
  }
}

function lost(error: unknown): SecretStoreError {
  return new SecretStoreError(
    `Webex replaced the refresh token, and the new one is lost because it could not be stored: ${messageOf(error)}; fix that, then authorise again: \`npm run setup\``
  )
}
