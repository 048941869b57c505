import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

/** A TCP proxy on loopback that can do to a connection what networks and servers do. */
export interface TcpProxy {
  port: number
  /** Cuts all connections there are. */
  cut(): void
  /** Cuts them, and takes no new ones until `accept` is called. */
  refuse(): void
  accept(): void
  /** Nothing goes through any more, in either direction, and nobody is told. */
  stall(): void
  /** How many connections there are. */
  open(): number
  close(): Promise<void>
}

/** What to do with what a client is about to send: let it pass, or cut the connection once it has been sent. */
export type Watch = (sent: Buffer) => 'pass' | 'cut after'

/** In ms: what was sent last is given this long to be done. */
const DONE = 500

export async function startProxy(target: { host: string; port: number }, watch?: Watch): Promise<TcpProxy> {
  const pairs = new Set<[client: Socket, server: Socket]>()
  let accepting = true
  const listener = createServer((client) => {
    if (!accepting) {
      client.destroy()
      return
    }
    const server = connect(target)
    const pair: [Socket, Socket] = [client, server]
    pairs.add(pair)
    const end = () => {
      client.destroy()
      server.destroy()
      pairs.delete(pair)
    }
    for (const socket of pair) socket.on('close', end).on('error', end)
    client.on('data', (chunk) => {
      server.write(chunk)
      if (watch?.(chunk) === 'cut after') {
        server.pause()
        setTimeout(end, DONE)
      }
    })
    server.on('data', (chunk) => client.write(chunk))
  })
  listener.listen(0, '127.0.0.1')
  await once(listener, 'listening')
  const cut = () => {
    for (const [client, server] of pairs) {
      client.destroy()
      server.destroy()
    }
  }
  return {
    port: (listener.address() as AddressInfo).port,
    cut,
    refuse() {
      accepting = false
      cut()
    },
    accept() {
      accepting = true
    },
    stall() {
      for (const pair of pairs) for (const socket of pair) socket.pause()
    },
    open: () => pairs.size,
    async close() {
      cut()
      listener.close()
      await once(listener, 'close')
    }
  }
}
