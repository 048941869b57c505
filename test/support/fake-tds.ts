import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

/** What a server does with the n-th message of a connection, from 0 on: bytes that it sends, or something else. */
export type Answer = Buffer | string | ((socket: Socket, message: Buffer) => void)

/** A server on loopback that answers message by message, until its process ends. @returns its port */
export async function startAnswering(
  answers: (connection: number) => readonly Answer[],
  onConnection: (socket: Socket) => void = () => {}
): Promise<number> {
  let connections = 0
  const server = createServer((socket) => {
    const left = [...answers(connections)]
    connections += 1
    socket.on('error', () => {})
    onConnection(socket)
    socket.on('data', (message) => {
      const answer = left.shift()
      if (typeof answer === 'function') answer(socket, message)
      else if (answer !== undefined) socket.write(answer)
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  server.unref()
  return (server.address() as AddressInfo).port
}

/** Lets a connection through to another server from this message on, which goes there as well. */
export function passOn(target: { host: string; port: number }): Answer {
  return (socket, message) => {
    socket.removeAllListeners('data')
    const server = connect(target, () => server.write(message))
    server.on('error', () => socket.destroy())
    socket.pipe(server).pipe(socket)
  }
}

const TABULAR_RESULT = 4
const END_OF_MESSAGE = 1

/** A packet of the server's: MS-TDS, “Packet Header”. */
export function packet(data: Buffer | string, status = END_OF_MESSAGE): Buffer {
  const body = Buffer.from(data)
  const header = Buffer.from([TABULAR_RESULT, status, 0, 0, 0, 0, 1, 0])
  header.writeUInt16BE(header.length + body.length, 2)
  return Buffer.concat([header, body])
}

/** The answer to a prelogin: version 16.0, and whether it encrypts. */
function prelogin(encryption: number): Buffer {
  return packet(Buffer.from([0, 0, 11, 0, 6, 1, 0, 17, 0, 1, 0xff, 16, 0, 0, 0, 0, 0, encryption]))
}

/** Nothing is encrypted (NOT_SUP): the login follows in clear. */
export const PRELOGIN = prelogin(2)
/** A TLS handshake follows (ON). */
export const PRELOGIN_TLS = prelogin(1)

const DONE = Buffer.from([0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0])

/** The token LOGINACK of TDS 7.4, or a statement that is done. */
export const LOGGED_IN = packet(
  Buffer.concat([
    token(0xad, Buffer.concat([Buffer.from([1, 0x74, 0, 0, 4, 1]), ucs2('x'), Buffer.from([16, 0, 0, 0])])),
    DONE
  ])
)
export const NOTHING = packet(DONE)

/** The token ERROR of class 14, as at a login that is refused. */
export function refusal(number: number, message: string): Buffer {
  const head = Buffer.alloc(6)
  head.writeInt32LE(number)
  head[4] = 1
  head[5] = 14
  const length = Buffer.alloc(2)
  length.writeUInt16LE(message.length)
  const tail = Buffer.from([1, ...ucs2('s'), 0, 1, 0, 0, 0])
  return packet(Buffer.concat([token(0xaa, Buffer.concat([head, length, ucs2(message), tail])), DONE]))
}

function token(type: number, body: Buffer): Buffer {
  const head = Buffer.from([type, 0, 0])
  head.writeUInt16LE(body.length, 1)
  return Buffer.concat([head, body])
}

function ucs2(text: string): Buffer {
  return Buffer.from(text, 'utf16le')
}
