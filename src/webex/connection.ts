import type { ClientRequest } from 'node:http'
import { Agent } from 'node:https'
import type { Socket } from 'node:net'
import type { SecureContext, TLSSocket } from 'node:tls'
import { HttpsProxyAgent } from 'https-proxy-agent'
import { type HttpProxy, proxyFor } from './proxy.js'

export interface ConnectionOptions {
  /** Whose certificates are believed; undefined leaves that to Node.js. */
  secureContext: SecureContext | undefined
  /** Ends the connection, whatever state it is in. */
  signal: AbortSignal
  /** Told once TLS stands: from then on the request is on its way. */
  onSecure?: () => void
}

/** The connection of one attempt at an https request: made for it and ended with it, so that none stays behind. */
export interface Connection {
  agent: Agent | HttpsProxyAgent<string>
  proxy: HttpProxy | undefined
  /** What the proxy answered to CONNECT; undefined until it has. */
  answer?: ProxyAnswer
}

export interface ProxyAnswer {
  /** NaN where what came is no HTTP. */
  statusCode: number
  statusText: string
  headers: Record<string, string | string[] | undefined>
}

/** The proxy did not open a way to the host: its answer says why, else the cause. */
export class NoTunnelError extends Error {}

/** An error of a TLS socket, with who signed the certificate that came. */
export interface TlsError extends Error {
  code?: string
  issuer?: string
}

/**
 * @param url https
 * @throws ConfigurationError when the environment names a proxy that is none
 */
export function connectionTo(url: string, options: ConnectionOptions): Connection {
  const proxy = proxyFor(url)
  if (!proxy) return { agent: new DirectAgent(options), proxy }
  const agent = new TunnelAgent(proxy, options)
  return {
    agent,
    proxy,
    get answer() {
      return agent.answer
    }
  }
}

class DirectAgent extends Agent {
  constructor(private readonly connection: ConnectionOptions) {
    super({ keepAlive: false })
  }

  override createConnection(...[options, callback]: Parameters<Agent['createConnection']>) {
    const socket = super.createConnection({ ...options, ...tlsOptions(this.connection) }, callback)
    return watched(socket as TLSSocket, this.connection)
  }
}

class TunnelAgent extends HttpsProxyAgent<string> {
  answer: ProxyAnswer | undefined

  constructor(
    proxy: HttpProxy,
    private readonly connection: ConnectionOptions
  ) {
    super(proxy.url, tlsOptions(connection))
  }

  override async connect(
    request: ClientRequest,
    options: Parameters<HttpsProxyAgent<string>['connect']>[1]
  ): Promise<Socket> {
    request.once('proxyConnect', (answer: ProxyAnswer) => {
      this.answer = answer
    })
    const socket = await super
      .connect(request, { ...options, ...tlsOptions(this.connection) })
      .catch((cause: unknown) => {
        throw new NoTunnelError('no response to CONNECT', { cause })
      })
    if (this.answer?.statusCode === 200) return watched(socket as TLSSocket, this.connection)
    // It would be taken for the answer of the service.
    socket.destroy()
    throw new NoTunnelError('CONNECT was refused')
  }
}

function tlsOptions({ secureContext, signal }: ConnectionOptions) {
  return { signal, ...(secureContext ? { secureContext } : {}) }
}

function watched(socket: TLSSocket, { onSecure }: ConnectionOptions): TLSSocket {
  // Before Node.js judges the certificate, after which there is none to be had any more.
  socket.prependOnceListener('secure', () => {
    const { issuer } = socket.getPeerCertificate()
    const name = issuer?.O ?? issuer?.CN
    socket.prependOnceListener('error', (error: TlsError) => Object.assign(error, { issuer: name }))
  })
  if (onSecure) socket.once('secureConnect', onSecure)
  return socket
}
