import { platformError, Refusal } from './answer.js'
import { DEMO_CREDENTIALS, type SimulatorOptions } from './contract.js'

/** The scopes that the integration is registered with. */
export function integrationScopes(options: SimulatorOptions): readonly string[] {
  return options.integrationScopes ?? ['spark-admin:calling_cdr_read', 'analytics:read_all']
}

/** The one integration that is registered: who the client must be and what it may ask for. */
export class Integration {
  readonly #options: SimulatorOptions
  readonly #id: string
  readonly #secret: string

  constructor(options: SimulatorOptions) {
    this.#options = options
    this.#id = options.clientId ?? DEMO_CREDENTIALS.clientId
    this.#secret = options.clientSecret ?? DEMO_CREDENTIALS.clientSecret
  }

  is(clientId: string | null): boolean {
    return clientId === this.#id
  }

  /**
   * Checks the id and secret in the Authorization header or else in the form.
   * @throws Refusal with a 401
   */
  authenticate(form: URLSearchParams, authorization: string | undefined): void {
    const offered = basicCredentials(authorization) ?? {
      id: form.get('client_id'),
      secret: form.get('client_secret')
    }
    if (!this.is(offered.id) || !this.is(form.get('client_id') ?? offered.id)) refuse('Client Id is invalid')
    if (offered.secret !== this.#secret) refuse('Client Secret is invalid')
  }

  redirectsTo(uri: string): boolean {
    return this.#options.redirectUris?.includes(uri) ?? isLoopback(uri)
  }

  /** The scopes in a blank-separated list; undefined unless all of them are the integration's. */
  readScopes(list: string | null): readonly string[] | undefined {
    const scopes = [...new Set((list ?? '').split(' '))]
    const known = integrationScopes(this.#options)
    return scopes.every((scope) => known.includes(scope)) ? scopes : undefined
  }
}

function basicCredentials(authorization = ''): { id: string; secret: string } | undefined {
  const encoded = /^Basic +([A-Za-z0-9+/]+=*)$/i.exec(authorization)?.[1]
  if (encoded === undefined) return undefined
  const [id = '', ...rest] = Buffer.from(encoded, 'base64').toString('utf8').split(':')
  return { id, secret: rest.join(':') }
}

function isLoopback(uri: string): boolean {
  // The URL parser forgives line breaks, backslashes and the like; a redirect is no place to forgive.
  if (!/^http:\/\/[\w!$%&'()*+,./:;=?@[\]~-]+$/.test(uri) || !URL.canParse(uri)) return false
  const { hostname, username, password } = new URL(uri)
  return username === '' && password === '' && /^(localhost|127(\.\d+){3}|\[::1\])$/.test(hostname)
}

function refuse(description: string): never {
  throw new Refusal(platformError(401, 'Authentication failed', description))
}
