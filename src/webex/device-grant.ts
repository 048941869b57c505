import { z } from 'zod'
import type { Now, Sleep } from '../clock.js'
import { isLoopback } from '../config/loopback.js'
import { AuthenticationError, FatalError, TemporaryError } from '../errors.js'
import type { Http } from './http.js'
import { type ServiceResponse, sayResponse } from './response.js'
import { checkUrl, readTokens, type TokenAnswer } from './token-endpoint.js'

/** What the person needs, on whatever device has a browser. */
export interface DeviceCode {
  userCode: string
  verificationUri: string
  /** In s. */
  expiresIn: number
}

export interface DeviceRequest {
  http: Http
  /** Without a trailing slash. */
  apiUrl: string
  clientId: string
  clientSecret: string
  scopes: readonly string[]
  onCode(code: DeviceCode): void
  sleep: Sleep
  now: Now
  signal: AbortSignal
}

/** In s; RFC 8628 §3.2 and §3.5. */
const DEFAULT_INTERVAL = 5
const SLOWER = 5

/**
 * OAuth's device authorization grant (RFC 8628; developer.webex.com, “Login with Webex”): no browser is needed
 * here, and no callback.
 * @throws AuthenticationError when Webex or the person refuses or the code runs out, FatalError for an answer
 * that is none, TemporaryError when no code can be had; when it is aborted, what `sleep` throws
 */
export async function authorizeDevice(request: DeviceRequest): Promise<TokenAnswer> {
  const { http, sleep, now, signal, onCode } = request
  const device = await askForCode(request)
  const end = now() + device.expires_in * 1_000
  onCode({
    userCode: device.user_code,
    verificationUri: device.verification_uri,
    expiresIn: device.expires_in
  })
  let interval = device.interval
  let failure: TemporaryError | undefined
  for (;;) {
    await sleep(Math.max(0, Math.min(interval * 1_000, end - now())), signal)
    if (now() >= end) throw expired(device, failure)
    const answer = await poll(request, device.device_code)
    failure = answer instanceof TemporaryError ? answer : undefined
    if (answer instanceof TemporaryError) continue
    switch (verdict(answer)) {
      case 'slow_down':
        interval += SLOWER
        break
      case 'expired':
        throw expired(device)
      case 'declined':
        throw new AuthenticationError('the authorisation was declined: run setup again and accept it')
      case 'settled':
        return readTokens(http, answer, {
          offered: 'client ID, client secret or device code',
          remedy: 'check them at developer.webex.com (My Webex Apps) and run setup again'
        })
    }
  }
}

const webAddress = z
  .string()
  .refine((text) => URL.canParse(text) && isWebAddress(new URL(text)))
  // Percent-encoded as needed, so that it can be printed.
  .transform((text) => new URL(text).href)

const deviceBody = z.object({
  device_code: z.string().min(1),
  user_code: z.string().regex(/^[\x20-\x7e]{1,100}$/),
  verification_uri: webAddress,
  expires_in: z.number().positive().max(86_400),
  interval: z.number().positive().catch(DEFAULT_INTERVAL)
})

async function askForCode(request: DeviceRequest): Promise<z.infer<typeof deviceBody>> {
  const response = await request.http.request({
    method: 'POST',
    url: `${request.apiUrl}/device/authorize`,
    data: new URLSearchParams({ client_id: request.clientId, scope: request.scopes.join(' ') })
  })
  if ([400, 401, 403].includes(response.status)) {
    throw new AuthenticationError(
      `Webex issued no device code for this client ID and these scopes: ${sayResponse(response)}; check both, and that the integration has the redirect URIs https://oauth-helper-{a,r,k,d}.wbx2.com/helperservice/v1/actions/device/callback (developer.webex.com, My Webex Apps)`
    )
  }
  const body = deviceBody.safeParse(response.body)
  if (response.status !== 200 || !body.success) {
    // A 200 may hold a device code in its body: only its status is told.
    const told = response.status === 200 ? 'an incomplete body' : sayResponse(response)
    throw new FatalError(
      `No device code from WEBEX_API_URL: ${told}; ${checkUrl(response)}, or authorise in a browser`
    )
  }
  return body.data
}

/** A service that does not answer is asked again until the code runs out. */
async function poll(request: DeviceRequest, deviceCode: string): Promise<ServiceResponse | TemporaryError> {
  const { http, clientId, clientSecret } = request
  const basic = Buffer.from(`${clientId}:${clientSecret}`).toString('base64')
  for (const secret of [clientSecret, basic, deviceCode]) http.conceal(secret)
  try {
    return await http.request({
      method: 'POST',
      url: `${request.apiUrl}/device/token`,
      headers: { Authorization: `Basic ${basic}` },
      data: new URLSearchParams({
        grant_type: 'urn:ietf:params:oauth:grant-type:device_code',
        device_code: deviceCode,
        client_id: clientId
      })
    })
  } catch (error) {
    if (error instanceof TemporaryError) return error
    throw error
  }
}

/** Webex says “pending” by 428; RFC 8628 §3.5 has words for all of it, which stand in any of several places. */
function verdict({
  status,
  body
}: ServiceResponse): 'pending' | 'slow_down' | 'expired' | 'declined' | 'settled' {
  const words = status === 400 || status === 428 ? JSON.stringify(body ?? '').toLowerCase() : ''
  if (/slow.?down/.test(words)) return 'slow_down'
  if (status === 428 || /authorization.?pending/.test(words)) return 'pending'
  if (/expired/.test(words)) return 'expired'
  return /access.?denied|declined/.test(words) ? 'declined' : 'settled'
}

function expired({ expires_in }: { expires_in: number }, failure?: TemporaryError): AuthenticationError {
  const minutes = new Intl.NumberFormat('en', { style: 'unit', unit: 'minute', unitDisplay: 'long' })
  const last = failure ? `; the last request failed: ${failure.message}` : ''
  return new AuthenticationError(
    `nobody accepted within ${minutes.format(expires_in / 60)}, after which the code expires: run setup again${last}`
  )
}

function isWebAddress({ protocol, hostname }: URL): boolean {
  return protocol === 'https:' || (protocol === 'http:' && isLoopback(hostname))
}
