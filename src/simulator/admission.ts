import { type Answer, analyticsError, notFound, platformError, Refusal } from './answer.js'
import type { SimulatorOptions } from './contract.js'
import { RateLimit } from './rate-limit.js'
import type { TokenDesk } from './tokens.js'

const CDR_SCOPE = 'spark-admin:calling_cdr_read'
const REPORT_SCOPE = 'analytics:read_all'

/** The platform's own words, as live 403 answers have them: they do not say which of the two is missing. */
const FORBIDDEN =
  'The server understood the request, but refused to fulfill it because the access token is missing required scopes or the user is missing required roles or licenses.'

/**
 * Who may ask for records and reports, and how often for records. Whether cdr_feed and cdr_stream share their rate limit is not
 * documented; here they do, because a client that copes with it copes with two limits as well.
 */
export class Admission {
  readonly #options: SimulatorOptions
  readonly #now: () => number
  readonly #tokens: TokenDesk
  readonly #rateLimit = new RateLimit()

  constructor(options: SimulatorOptions, now: () => number, tokens: TokenDesk) {
    this.#options = options
    this.#now = now
    this.#tokens = tokens
  }

  /**
   * @param isPage asked for by a link, not as the first request of a window
   * @param refused what to answer although nothing is missing
   * @throws Refusal with a 401, 403, 404, 429 or 451
   */
  admit(authorization = '', isPage: boolean, refused?: 403 | 404): void {
    const { roleMissing, region, rateLimit } = this.#options
    this.#check(authorization, CDR_SCOPE, refused ?? (roleMissing ? 403 : undefined), analyticsError)
    if (region !== undefined) {
      const where = `Please use ${region}`
      throw new Refusal(
        analyticsError(451, `This server cannot serve the data for this organization. ${where}`)
      )
    }
    const wait = rateLimit ? this.#rateLimit.take(authorization, isPage, this.#now()) : 0
    if (wait > 0) {
      throw new Refusal(
        analyticsError(429, 'Request rate exceeds threshold', { 'retry-after': String(wait) })
      )
    }
  }

  /**
   * @param refused what to answer although nothing is missing
   * @throws Refusal with a 401, 403 or 404
   */
  admitToReports(authorization: string | undefined, refused: 403 | 404 | undefined): void {
    this.#check(authorization, REPORT_SCOPE, refused, platformError)
  }

  #check(
    authorization: string | undefined,
    scope: string,
    refused: 403 | 404 | undefined,
    error: (status: number, message: string) => Answer
  ): void {
    const scopes = this.#tokens.scopesOf(authorization)
    if (!scopes) {
      throw new Refusal(
        error(401, 'The request requires a valid access token set in the Authorization header.')
      )
    }
    if (refused === 404) throw new Refusal(notFound())
    if (refused === 403 || !scopes.includes(scope)) throw new Refusal(error(403, FORBIDDEN))
  }
}
