import { createHash, timingSafeEqual } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { AuthenticationError, ConfigurationError, UsageError } from '../errors.js'
import { DONE, failed, NOT_ALLOWED, NOT_FOUND, NOT_OURS, OVER, sendPage } from './callback-page.js'
import { Deadline } from './deadline.js'
import { clean } from './redaction.js'

/** The browser has brought an authorization code and waits for its page: one of these must be called. */
export interface Callback {
  code: string
  succeed(): Promise<void>
  /** @param reason shown in the browser; no secret */
  fail(reason: string): Promise<void>
}

/** Waits here for the one callback of an authorisation request (RFC 6749 §4.1.2, RFC 8252 §7.3). */
export class CallbackServer {
  private readonly servers: Server[] = []
  private readonly arrival: Promise<Callback>
  private arrived = false
  private accept!: (callback: Callback) => void
  private refuse!: (error: AuthenticationError) => void

  private constructor(
    private readonly uri: URL,
    private readonly state: string
  ) {
    this.arrival = new Promise((resolve, reject) => {
      this.accept = resolve
      this.refuse = reject
    })
    // It may come before anybody waits for it.
    this.arrival.catch(() => undefined)
  }

  /**
   * @param redirectUri http, on this machine
   * @param state the one that was sent with the authorisation request
   * @throws UsageError for another redirect URI, ConfigurationError when its port cannot be had
   */
  static async listen(redirectUri: string, state: string): Promise<CallbackServer> {
    const server = new CallbackServer(loopbackUri(redirectUri), state)
    try {
      // A browser tries either for “localhost”; and nobody else must be able to listen on the other one.
      for (const address of ['127.0.0.1', '::1']) await server.open(address)
    } catch (error) {
      await server.close()
      throw error
    }
    return server
  }

  /**
   * @param timeout in ms
   * @throws AuthenticationError when Webex brings an error instead of a code, or nothing comes in time; the
   * signal's reason when it is aborted
   */
  async callback(timeout: number, signal: AbortSignal): Promise<Callback> {
    signal.throwIfAborted()
    const deadline = new Deadline(timeout, signal)
    const ended = once(deadline.signal, 'abort').then(() => {
      signal.throwIfAborted()
      throw new AuthenticationError(
        `no response at ${this.uri.href} within ${Math.ceil(timeout / 1_000)} s: run setup again and accept in a browser on this machine; if Webex showed an error there, check that client ID, redirect URI and scopes are those of the integration; without a browser use --grant device`
      )
    })
    try {
      return await Promise.race([this.arrival, ended])
    } finally {
      deadline.clear()
    }
  }

  /** Stops listening and cuts all connections. */
  async close(): Promise<void> {
    await Promise.all(
      this.servers.splice(0).map(async (server) => {
        const closed = once(server, 'close')
        server.close()
        server.closeAllConnections()
        await closed
      })
    )
  }

  private async open(address: string): Promise<void> {
    const server = createServer((request, response) => void this.answer(request, response))
    const port = Number(this.uri.port || 80)
    try {
      await once(server.listen({ host: address, port, ipv6Only: true }), 'listening')
      this.servers.push(server)
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException
      const noIpv6 = address === '::1' && (code === 'EADDRNOTAVAIL' || code === 'EAFNOSUPPORT')
      if (!noIpv6 || this.uri.hostname === '[::1]') throw portError(this.uri, port, code)
    }
  }

  private answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const [path, query = ''] = (request.url ?? '').split(/\?(.*)/s)
    if (path !== this.uri.pathname) return sendPage(response, NOT_FOUND)
    if (request.method !== 'GET') return sendPage(response, NOT_ALLOWED, { Allow: 'GET' })
    if (this.arrived) return sendPage(response, OVER)
    const parameters = new URLSearchParams(query)
    const code = single(parameters, 'code')
    const error = single(parameters, 'error')
    const isOurs = areEqual(single(parameters, 'state') ?? '', this.state)
    if (!isOurs || !code === !error) return sendPage(response, NOT_OURS)
    this.arrived = true
    if (!code) return this.failWith(response, [error, single(parameters, 'error_description')])
    this.accept({
      code,
      succeed: () => sendPage(response, DONE),
      fail: (reason) => sendPage(response, failed(reason))
    })
    return Promise.resolve()
  }

  private async failWith(response: ServerResponse, told: (string | undefined)[]): Promise<void> {
    const reason = clean(told.filter(Boolean).join(': '))
    await sendPage(response, failed(reason))
    this.refuse(
      new AuthenticationError(
        `Webex did not authorise the integration: ${reason}; run setup again and accept, or correct the integration's scopes and redirect URI at developer.webex.com`
      )
    )
  }
}

function loopbackUri(redirectUri: string): URL {
  const uri = URL.canParse(redirectUri) ? new URL(redirectUri) : undefined
  const isHere = uri?.protocol === 'http:' && ['localhost', '127.0.0.1', '[::1]'].includes(uri.hostname)
  if (!uri || !isHere || uri.port === '0' || uri.username || uri.password || uri.hash) {
    throw new UsageError(
      '--redirect-uri must point to this machine, such as http://localhost:8080/callback (host localhost, 127.0.0.1 or [::1]); otherwise use --grant device or the refresh token of a Service App'
    )
  }
  return uri
}

function portError(uri: URL, port: number, code: string | undefined): ConfigurationError {
  const other = new URL(uri)
  other.host = port === 8080 ? 'localhost:8081' : 'localhost:8080'
  const advice = `register another redirect URI such as ${other.href} and pass --redirect-uri`
  return new ConfigurationError(
    code === 'EADDRINUSE'
      ? `port ${port} is in use by another program: free it, or ${advice}`
      : `port ${port} cannot be opened on this machine (${code ?? 'unknown error'}): ${advice}`
  )
}

/** A parameter that comes more than once says nothing (RFC 6749 §3.1). */
function single(parameters: URLSearchParams, name: string): string | undefined {
  const values = parameters.getAll(name)
  return values.length === 1 ? values[0] : undefined
}

/** In a time that does not tell where they differ. */
function areEqual(one: string, other: string): boolean {
  const [a, b] = [one, other].map((text) => createHash('sha256').update(text).digest())
  return timingSafeEqual(a!, b!)
}
