import type { Fault } from '../../src/simulator/index.js'

/** What goes wrong with one request for records; the names stand in the report. */
export const FAULTS = {
  'status 500': { kind: 'status', status: 500 },
  'status 502 in HTML': {
    kind: 'status',
    status: 502,
    body: '<html><body>502 Bad Gateway</body></html>',
    headers: { 'content-type': 'text/html' }
  },
  'status 503': { kind: 'status', status: 503 },
  'status 429': { kind: 'status', status: 429 },
  'status 429 with Retry-After': { kind: 'status', status: 429, headers: { 'retry-after': '1' } },
  'HTML as 200': { kind: 'body', body: '<html><body>Sign in to the network</body></html>' },
  'connection reset': { kind: 'reset' },
  'truncated body': { kind: 'truncate' },
  'no answer': { kind: 'hang' },
  'endless body': { kind: 'endless' },
  redirect: { kind: 'redirect', to: 'http://127.0.0.1:9/sign-in' },
  'repeated link': { kind: 'repeatLink' }
} satisfies Record<string, Fault>

/** Answers that look like good ones and hide records. */
export const LIES = {
  'page without items': { kind: 'withoutItems' },
  'empty list of items': { kind: 'body', body: '{"items":[]}' }
} satisfies Record<string, Fault>

/** What goes wrong with a request for tokens. Of the last two the refresh token is spent all the same. */
export const TOKEN_FAULTS = {
  'token: status 503': { kind: 'status', status: 503 },
  'token: connection reset': { kind: 'reset' },
  'token: truncated body': { kind: 'truncate' }
} satisfies Record<string, Fault>

export type FaultName = keyof typeof FAULTS
export type LieName = keyof typeof LIES
export type TokenFaultName = keyof typeof TOKEN_FAULTS
