import { createHash, randomBytes } from 'node:crypto'

export interface Pkce {
  /** Secret until the code is exchanged. */
  verifier: string
  /** Goes into the authorisation request, with the method S256. */
  challenge: string
}

/** Proof key for code exchange (RFC 7636): a code that leaks is of no use without the verifier. */
export function createPkce(): Pkce {
  const verifier = randomToken()
  return { verifier, challenge: challengeOf(verifier) }
}

export function challengeOf(verifier: string): string {
  return createHash('sha256').update(verifier).digest('base64url')
}

/** 43 characters that nobody can guess: a verifier, or a `state` that ties a callback to its request. */
export function randomToken(): string {
  return randomBytes(32).toString('base64url')
}
