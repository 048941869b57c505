import { hash, randomInt, randomUUID } from 'node:crypto'
import { type Answer, badRequest, platformError, Refusal } from './answer.js'
import type { SimulatorOptions } from './contract.js'
import type { Integration } from './integration.js'
import type { TokenDesk } from './tokens.js'

const LIFETIME_SECONDS = 300
const INTERVAL_SECONDS = 2
/** RFC 8628 adds 5 s for each slow_down; in a test's short intervals that would be an age. */
const SLOWER_BY = 5 / INTERVAL_SECONDS
const GRANT_TYPE = 'urn:ietf:params:oauth:grant-type:device_code'

/** A device that waits for a person's decision. */
export interface Waiting {
  readonly userCode: string
  readonly scopes: readonly string[]
}

interface Device extends Waiting {
  /** Milliseconds since 1970, as `polled`. */
  expires: number
  /** Milliseconds. */
  interval: number
  polled: number
  decision?: 'accepted' | 'declined'
}

/**
 * The device grant: POST /v1/device/authorize and POST /v1/device/token, and the decision between them.
 *
 * Documented (developer.webex.com, “Login with Webex”): 428 while pending; 400 with the words slow_down,
 * access_denied, invalid_grant, invalid_client; six digits, of which verification_uri_complete has a hash.
 * Assumed: that the words stand in `errors[].description`, that an expired code says expired_token as in RFC
 * 8628, that a wrong Basic header gives 401, and that the first poll may come at once.
 */
export class DeviceGrant {
  readonly #now: () => number
  readonly #integration: Integration
  readonly #tokens: TokenDesk
  readonly #intervalSeconds: number
  /** By device code. */
  readonly #devices = new Map<string, Device>()

  constructor(options: SimulatorOptions, now: () => number, integration: Integration, tokens: TokenDesk) {
    this.#now = now
    this.#integration = integration
    this.#tokens = tokens
    this.#intervalSeconds = options.deviceInterval ?? INTERVAL_SECONDS
  }

  /**
   * @param page URL of the page where the user code is entered
   * @throws Refusal with a 400
   */
  authorize(form: URLSearchParams, page: string): Answer {
    if (!this.#integration.is(form.get('client_id'))) refuse('Client Id is invalid')
    const scopes =
      this.#integration.readScopes(form.get('scope')) ?? refuse('The requested scope is invalid.')
    const deviceCode = randomUUID()
    const userCode = this.#newUserCode()
    this.#devices.set(deviceCode, {
      userCode,
      scopes,
      expires: this.#now() + LIFETIME_SECONDS * 1000,
      interval: this.#intervalSeconds * 1000,
      polled: Number.NEGATIVE_INFINITY
    })
    const body = {
      device_code: deviceCode,
      expires_in: LIFETIME_SECONDS,
      user_code: userCode,
      verification_uri: page,
      verification_uri_complete: `${page}?userCode=${hash('sha256', userCode)}`,
      interval: this.#intervalSeconds
    }
    return { status: 200, body, headers: { 'cache-control': 'no-store' } }
  }

  /** @throws Refusal with a 400, 401 or 428 */
  token(form: URLSearchParams, authorization = ''): Answer {
    if (form.get('grant_type') !== GRANT_TYPE) refuse('unsupported_grant_type')
    if (!this.#integration.is(form.get('client_id'))) refuse('invalid_client')
    // Here the service takes the secret from the header only.
    this.#integration.authenticate(new URLSearchParams(), authorization)
    const deviceCode = form.get('device_code') ?? ''
    const device = this.#devices.get(deviceCode) ?? refuse('invalid_grant')
    if (device.expires <= this.#now()) refuse('expired_token')
    if (device.decision === 'declined') refuse('access_denied')
    if (device.decision === undefined) this.#putOff(device)
    this.#devices.delete(deviceCode)
    return this.#tokens.grant(device.scopes)
  }

  /** The device that waits with this user code, or with the hash of it that verification_uri_complete has. */
  waiting(userCode: string): Waiting | undefined {
    return this.#find(userCode)
  }

  /** False when no device waits with this user code. */
  decide(userCode: string, accept: boolean): boolean {
    const device = this.#find(userCode)
    if (device) device.decision = accept ? 'accepted' : 'declined'
    return device !== undefined
  }

  #find(code: string): Device | undefined {
    return [...this.#devices.values()].find(
      ({ userCode, decision, expires }) =>
        decision === undefined &&
        expires > this.#now() &&
        (code === userCode || code === hash('sha256', userCode))
    )
  }

  #putOff(device: Device): never {
    const sooner = this.#now() - device.polled < device.interval
    device.polled = this.#now()
    if (sooner) {
      device.interval += SLOWER_BY * this.#intervalSeconds * 1000
      refuse('slow_down')
    }
    throw new Refusal(platformError(428, 'Precondition Required', 'authorization_pending'))
  }

  #newUserCode(): string {
    const code = String(randomInt(1_000_000)).padStart(6, '0')
    return this.#find(code) ? this.#newUserCode() : code
  }
}

function refuse(description: string): never {
  throw new Refusal(badRequest(description))
}
