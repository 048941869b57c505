import { randomUUID } from 'node:crypto'
import { type Answer, badRequest, Refusal } from './answer.js'
import { DEMO_CREDENTIALS, type SimulatorOptions } from './contract.js'
import { integrationScopes } from './integration.js'

const FOURTEEN_DAYS = 1_209_599
const NINETY_DAYS = 7_775_999

/** Gives out access and refresh tokens and remembers what they are good for. */
export class TokenDesk {
  readonly #options: SimulatorOptions
  readonly #now: () => number
  readonly #access = new Map<string, { scopes: readonly string[]; expires: number }>()
  /** `left`: how many more times it may be used. */
  readonly #refresh = new Map<string, { scopes: readonly string[]; left: number }>()
  #current: string

  constructor(options: SimulatorOptions, now: () => number) {
    this.#options = options
    this.#now = now
    this.#current = options.refreshToken ?? DEMO_CREDENTIALS.refreshToken
    this.#keep(this.#current, integrationScopes(options))
  }

  get currentRefreshToken(): string {
    return this.#current
  }

  expireAccessTokens(): void {
    this.#access.clear()
  }

  /** The scopes of the access token in an Authorization header, if there is one that is alive. */
  scopesOf(authorization: string | undefined): readonly string[] | undefined {
    const token = /^Bearer (\S+)$/.exec(authorization ?? '')?.[1] ?? ''
    const known = this.#access.get(token)
    return known && known.expires > this.#now() ? known.scopes : undefined
  }

  /** The first tokens of an authorisation that a person has given. */
  grant(scopes: readonly string[]): Answer {
    const refreshToken = this.#newRefreshToken(scopes)
    return tokenAnswer({ ...this.#tokens(scopes, refreshToken), scope: scopes.join(' ') })
  }

  /** @throws Refusal when the refresh token is unknown or used up */
  refresh(offered: string): Answer {
    const known = this.#refresh.get(offered)
    if (!known || known.left === 0) throw new Refusal(badRequest('Invalid refresh token'))
    known.left -= 1
    const refreshToken = this.#options.rotateRefreshToken ? this.#newRefreshToken(known.scopes) : offered
    return tokenAnswer(this.#tokens(known.scopes, refreshToken))
  }

  #tokens(scopes: readonly string[], refreshToken: string): Record<string, unknown> {
    const seconds = this.#options.accessTokenSeconds ?? FOURTEEN_DAYS
    const accessToken = `access-${randomUUID()}`
    this.#access.set(accessToken, { scopes, expires: this.#now() + seconds * 1000 })
    return {
      access_token: accessToken,
      expires_in: seconds,
      refresh_token: refreshToken,
      refresh_token_expires_in: this.#options.refreshTokenSeconds ?? NINETY_DAYS,
      token_type: 'Bearer'
    }
  }

  #newRefreshToken(scopes: readonly string[]): string {
    this.#current = `refresh-${randomUUID()}`
    this.#keep(this.#current, scopes)
    return this.#current
  }

  #keep(refreshToken: string, scopes: readonly string[]): void {
    // Under rotation: the use that replaces it, and one more in case the replacement got lost.
    const left = this.#options.rotateRefreshToken ? 2 : Number.POSITIVE_INFINITY
    this.#refresh.set(refreshToken, { scopes, left })
  }
}

function tokenAnswer(body: Record<string, unknown>): Answer {
  return { status: 200, body, headers: { 'cache-control': 'no-store' } }
}
