import { hash, randomUUID } from 'node:crypto'
import { badRequest, Refusal } from './answer.js'

const TEN_MINUTES = 600_000

/** What a client asked of authorize, found good. */
export interface AuthorizationRequest {
  redirectUri: string
  scopes: readonly string[]
  state: string | undefined
  challenge: Challenge | undefined
}

/** PKCE (RFC 7636). */
export interface Challenge {
  text: string
  method: 'S256' | 'plain'
}

/** Authorization codes: each is good once, for ten minutes. */
export class AuthorizationCodes {
  readonly #now: () => number
  readonly #issued = new Map<string, AuthorizationRequest & { expires: number }>()

  constructor(now: () => number) {
    this.#now = now
  }

  issue(request: AuthorizationRequest): string {
    const code = `code-${randomUUID()}`
    this.#issued.set(code, { ...request, expires: this.#now() + TEN_MINUTES })
    return code
  }

  /**
   * The scopes that a code stands for. An attempt that fails uses the code up too.
   *
   * @param form of the client that the code was given to
   * @throws Refusal with a 400
   */
  redeem(form: URLSearchParams): readonly string[] {
    const code = form.get('code') ?? ''
    const issued = this.#issued.get(code)
    this.#issued.delete(code)
    if (!issued || issued.expires <= this.#now()) refuse('Invalid code')
    if (form.get('redirect_uri') !== issued.redirectUri) refuse('redirect_uri does not match the code')
    checkVerifier(form.get('code_verifier'), issued.challenge)
    return issued.scopes
  }
}

function checkVerifier(verifier: string | null, challenge: Challenge | undefined): void {
  if (!challenge) {
    // RFC 9700, 2.1.1: otherwise an attacker's request without a challenge would pass for the client's.
    if (verifier !== null) refuse('code_verifier without a code_challenge')
    return
  }
  if (verifier === null) refuse('code_verifier is missing')
  if (!/^[\w.~-]{43,128}$/.test(verifier)) refuse('code_verifier must have 43 to 128 unreserved characters')
  const text = challenge.method === 'S256' ? hash('sha256', verifier, 'base64url') : verifier
  if (text !== challenge.text) refuse('code_verifier does not match the code_challenge')
}

function refuse(description: string): never {
  throw new Refusal(badRequest(description))
}
