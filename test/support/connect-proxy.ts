import { once } from 'node:events'
import { createServer, type IncomingMessage } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import { type AddressInfo, connect, type Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { createServer as createTlsListener } from 'node:tls'
import type { Identity } from './authority.js'

/** What the proxy does with a CONNECT; `raw` is written as it is, and then the connection is ended. */
export type Reply =
  | 'tunnel'
  | 'silence'
  | 'hang up'
  | 'open and silence'
  | 'open and hang up'
  | { raw: string }

export interface ConnectProxy {
  port: number
  /** The CONNECTs that came: where to, and user and password. */
  asked: { target: string; login: string | undefined }[]
  close(): Promise<void>
}

/**
 * An HTTP proxy on loopback that takes CONNECT only.
 * @param port where every host leads to
 * @param reply `count` is how many CONNECTs there were before
 * @param identity where the proxy itself is spoken to by TLS
 */
export async function startConnectProxy(
  port: number,
  reply: (count: number) => Reply = () => 'tunnel',
  identity?: Identity
): Promise<ConnectProxy> {
  const server = identity ? createTlsServer(identity) : createServer()
  const sockets = new Set<Duplex>()
  const keep = (socket: Duplex) => {
    sockets.add(socket)
    // A client that gives up is what some tests are about.
    socket.on('error', () => {})
  }
  const asked: ConnectProxy['asked'] = []
  server.on('connection', keep)
  server.on('connect', (request: IncomingMessage, client: Duplex) => {
    keep(client)
    const answer = reply(asked.length)
    const [, login] = /^Basic (.+)$/.exec(request.headers['proxy-authorization'] ?? '') ?? []
    asked.push({ target: request.url ?? '', login: login && Buffer.from(login, 'base64').toString('utf8') })
    if (answer === 'silence') return
    if (answer === 'hang up') client.destroy()
    else if (answer === 'open and silence') client.write('HTTP/1.1 200 OK\r\n\r\n')
    else if (answer === 'open and hang up') client.end('HTTP/1.1 200 OK\r\n\r\n')
    else if (answer === 'tunnel') keep(tunnel(client, port))
    else client.end(answer.raw)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    asked,
    async close() {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    }
  }
}

/** Speaks TLS with the client, and passes on what it says to a port of this machine. */
export async function startTlsFront(identity: Identity, port: number) {
  const sockets = new Set<Socket>()
  const server = createTlsListener(identity, (client) => {
    const upstream = connect(port, '127.0.0.1')
    for (const socket of [client, upstream]) socket.on('error', () => {})
    sockets.add(client).add(upstream)
    client.pipe(upstream).pipe(client)
  })
  let connections = 0
  server.on('connection', () => {
    connections += 1
  })
  server.on('tlsClientError', () => {})
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    /** How many there were, those included that came to no TLS. */
    connections: () => connections,
    async close() {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    }
  }
}

function tunnel(client: Duplex, port: number): Socket {
  const upstream = connect(port, '127.0.0.1', () => {
    client.write('HTTP/1.1 200 Connection established\r\n\r\n')
    client.pipe(upstream).pipe(client)
  })
  const end = () => {
    upstream.destroy()
    client.destroy()
  }
  upstream.on('close', end)
  client.on('close', end)
  return upstream
}
