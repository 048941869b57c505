import { randomUUID } from 'node:crypto'
import { type Answer, platformError } from './answer.js'
import { DEMO_CREDENTIALS, type SimulatorOptions } from './contract.js'

const FOURTEEN_DAYS = 1_209_599
const NINETY_DAYS = 7_775_999

/** POST /v1/access_token: gives access tokens for refresh tokens and remembers them. */
export class TokenDesk {
  readonly #options: SimulatorOptions
  readonly #now: () => number
  /** Access token -> when it expires. */
  readonly #access = new Map<string, number>()
  /** Refresh token -> how many more times it may be used. */
  readonly #refresh = new Map<string, number>()
  #current: string

  constructor(options: SimulatorOptions, now: () => number) {
    this.#options = options
    this.#now = now
    this.#current = options.refreshToken ?? DEMO_CREDENTIALS.refreshToken
    this.#keep(this.#current)
  }

  get currentRefreshToken(): string {
    return this.#current
  }

  expireAccessTokens(): void {
    this.#access.clear()
  }

  /** Whether an Authorization header carries an access token that is alive. */
  admits(authorization: string | undefined): boolean {
    const token = /^Bearer (\S+)$/.exec(authorization ?? '')?.[1]
    return token !== undefined && (this.#access.get(token) ?? 0) > this.#now()
  }

  answer(form: URLSearchParams): Answer {
    if (form.get('grant_type') !== 'refresh_token') {
      return platformError(
        400,
        'The request could not be understood by the server.',
        'Unsupported grant_type'
      )
    }
    if (form.get('client_id') !== (this.#options.clientId ?? DEMO_CREDENTIALS.clientId)) {
      return platformError(401, 'Authentication failed', 'Client Id is invalid')
    }
    if (form.get('client_secret') !== (this.#options.clientSecret ?? DEMO_CREDENTIALS.clientSecret)) {
      return platformError(401, 'Authentication failed', 'Client Secret is invalid')
    }
    const offered = form.get('refresh_token') ?? ''
    const left = this.#refresh.get(offered) ?? 0
    if (left === 0) {
      return platformError(400, 'The request could not be understood by the server.', 'Invalid refresh token')
    }
    this.#refresh.set(offered, left - 1)
    return { status: 200, body: this.#issue(offered), headers: { 'cache-control': 'no-store' } }
  }

  #issue(offered: string): Record<string, unknown> {
    const seconds = this.#options.accessTokenSeconds ?? FOURTEEN_DAYS
    const accessToken = `access-${randomUUID()}`
    this.#access.set(accessToken, this.#now() + seconds * 1000)
    if (this.#options.rotateRefreshToken) {
      this.#current = `refresh-${randomUUID()}`
      this.#keep(this.#current)
    }
    return {
      access_token: accessToken,
      expires_in: seconds,
      refresh_token: this.#options.rotateRefreshToken ? this.#current : offered,
      refresh_token_expires_in: NINETY_DAYS,
      token_type: 'Bearer'
    }
  }

  #keep(refreshToken: string): void {
    // Under rotation: the use that replaces it, and one more in case the replacement got lost.
    this.#refresh.set(refreshToken, this.#options.rotateRefreshToken ? 2 : Number.POSITIVE_INFINITY)
  }
}
