import { randomUUID } from 'node:crypto'
import { type Answer, Refusal, redirect } from './answer.js'
import type { AuthorizationCodes, AuthorizationRequest, Challenge } from './codes.js'
import type { Integration } from './integration.js'
import { DECISION_BUTTONS, html, page, scopeList } from './page.js'

const PARAMETERS = [
  'response_type',
  'client_id',
  'redirect_uri',
  'scope',
  'state',
  'code_challenge',
  'code_challenge_method'
]

/** GET /v1/authorize, and the decision that a person takes on its page. */
export class AuthorizeEndpoint {
  readonly #integration: Integration
  readonly #codes: AuthorizationCodes
  /** Requests without a decision yet, by a random id: what the form sends back cannot be made up. */
  readonly #open = new Map<string, AuthorizationRequest>()

  constructor(integration: Integration, codes: AuthorizationCodes) {
    this.#integration = integration
    this.#codes = codes
  }

  /** @throws Refusal with a redirect, or with a page where nobody may be redirected (RFC 6749, 4.1.2.1) */
  page(query: URLSearchParams): Answer {
    const request = this.#read(query)
    const id = randomUUID()
    this.#open.set(id, request)
    return page(
      200,
      html`<p>An integration asks for these scopes:</p>
${scopeList(request.scopes)}
<p>You are then redirected to ${request.redirectUri}</p>
<form method="post" action="/v1/authorize/decision">
<input type="hidden" name="request" value="${id}">
${DECISION_BUTTONS}
</form>`
    )
  }

  /** POST /v1/authorize/decision, from the form on the page. */
  decide(form: URLSearchParams): Answer {
    const id = form.get('request') ?? ''
    const request = this.#open.get(id)
    const decision = form.get('decision')
    if (!request) return errorPage('This request is unknown or has already been answered.')
    if (decision !== 'accept' && decision !== 'decline') return errorPage('Accept or decline.')
    this.#open.delete(id)
    const { redirectUri, state } = request
    if (decision === 'accept') return redirect(redirectUri, { code: this.#codes.issue(request), state })
    return redirect(redirectUri, {
      error: 'access_denied',
      error_description: 'The resource owner denied the request.',
      state
    })
  }

  #read(query: URLSearchParams): AuthorizationRequest {
    const redirectUri = this.#redirectUri(query)
    const state = query.get('state') ?? undefined
    const refuse: Refuse = (error, description) => {
      throw new Refusal(redirect(redirectUri, { error, error_description: description, state }))
    }
    const repeated = PARAMETERS.find((name) => isRepeated(query, name))
    if (repeated !== undefined) return refuse('invalid_request', `${repeated} is given more than once.`)
    if (query.get('response_type') !== 'code') {
      return refuse('unsupported_response_type', 'response_type must be code.')
    }
    const scopes =
      this.#integration.readScopes(query.get('scope')) ??
      refuse('invalid_scope', 'The requested scope is invalid.')
    return { redirectUri, scopes, state, challenge: readChallenge(query, refuse) }
  }

  #redirectUri(query: URLSearchParams): string {
    if (isRepeated(query, 'client_id') || !this.#integration.is(query.get('client_id'))) {
      throw new Refusal(errorPage('client_id does not belong to a registered integration.'))
    }
    const uri = query.get('redirect_uri') ?? ''
    if (isRepeated(query, 'redirect_uri') || !this.#integration.redirectsTo(uri)) {
      throw new Refusal(errorPage(`redirect_uri “${uri}” is not registered for this integration.`))
    }
    return uri
  }
}

type Refuse = (error: string, description: string) => never

function readChallenge(query: URLSearchParams, refuse: Refuse): Challenge | undefined {
  const text = query.get('code_challenge')
  const method = query.get('code_challenge_method')
  if (text === null) {
    return method === null
      ? undefined
      : refuse('invalid_request', 'code_challenge_method needs a code_challenge.')
  }
  if (method !== null && method !== 'S256' && method !== 'plain') {
    return refuse('invalid_request', 'code_challenge_method must be S256 or plain.')
  }
  if (!/^[\w.~-]{43,128}$/.test(text)) return refuse('invalid_request', 'code_challenge is malformed.')
  return { text, method: method ?? 'plain' }
}

function isRepeated(query: URLSearchParams, name: string): boolean {
  return query.getAll(name).length > 1
}

function errorPage(message: string): Answer {
  return page(400, html`<p>${message}</p>`)
}
