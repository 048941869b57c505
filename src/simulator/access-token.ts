import { type Answer, badRequest, Refusal } from './answer.js'
import type { AuthorizationCodes } from './codes.js'
import type { Integration } from './integration.js'
import type { TokenDesk } from './tokens.js'

/** POST /v1/access_token: tokens for a refresh token or for an authorization code. */
export class AccessTokenEndpoint {
  readonly #integration: Integration
  readonly #tokens: TokenDesk
  readonly #codes: AuthorizationCodes

  constructor(integration: Integration, tokens: TokenDesk, codes: AuthorizationCodes) {
    this.#integration = integration
    this.#tokens = tokens
    this.#codes = codes
  }

  /** @throws Refusal with a 400 or 401 */
  answer(form: URLSearchParams, authorization: string | undefined): Answer {
    const grantType = form.get('grant_type')
    if (grantType !== 'refresh_token' && grantType !== 'authorization_code') {
      throw new Refusal(badRequest('Unsupported grant_type'))
    }
    this.#integration.authenticate(form, authorization)
    if (grantType === 'refresh_token') return this.#tokens.refresh(form.get('refresh_token') ?? '')
    return this.#tokens.grant(this.#codes.redeem(form))
  }
}
