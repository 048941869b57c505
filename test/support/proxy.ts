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

/** What to do when a client has sent the first packet of a TDS message: go on, or cut the connection soon after. */
export type Watch = (packet: Buffer) => 'pass' | 'cut after'

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
    const messages = new MessageReader()
    client.on('data', (chunk) => {
      server.write(chunk)
      if (!watch) return
      for (const packet of messages.begunIn(chunk)) {
        if (watch(packet) !== 'cut after') continue
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

const HEADER = 8
const END_OF_MESSAGE = 1

/** Finds where TDS messages begin in what a client sends unencrypted, however TCP cuts it into chunks. */
class MessageReader {
  private rest = Buffer.alloc(0)
  private begins = true

  /** The first packets, whole, of the messages that have begun. */
  begunIn(chunk: Buffer): Buffer[] {
    this.rest = Buffer.concat([this.rest, chunk])
    const packets: Buffer[] = []
    while (this.rest.length >= HEADER && this.rest.length >= this.rest.readUInt16BE(2)) {
      const packet = this.rest.subarray(0, Math.max(HEADER, this.rest.readUInt16BE(2)))
      if (this.begins) packets.push(packet)
      this.begins = (packet[1]! & END_OF_MESSAGE) !== 0
      this.rest = this.rest.subarray(packet.length)
    }
    return packets
  }
}
