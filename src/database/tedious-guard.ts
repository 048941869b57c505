import type { EventEmitter } from 'node:events'
import { isIP, type Socket } from 'node:net'

/** The part of tedious' Connection that is made good here. */
export interface TediousConnection extends EventEmitter {
  socket?: Socket
  messageIo?: { tlsNegotiationComplete: boolean }
  close(): void
  sendLogin7Packet(): void
  createTokenStreamParser(message: unknown, handler: unknown): TokenParser
}

/** Tells of the end of a message from the server; `parser` reads it. */
interface TokenParser extends EventEmitter {
  parser: EventEmitter
}

/**
 * Where tedious lets something slip when what listens on the port is no SQL Server: an error of its parser ends the
 * process, and a message that never ends keeps it waiting for ever. Here both fail the connection.
 * @param limit in ms; a connection that is not made by then has failed
 */
export function guardConnection(connection: TediousConnection, limit: number): void {
  tellOfParserErrors(connection)
  const timer = setTimeout(() => {
    const message = `Connection lost - no end of an answer within ${limit / 1_000} s`
    connection.emit('error', Object.assign(new Error(message), { code: 'ESOCKET' }))
    connection.close()
  }, limit)
  timer.unref()
  for (const event of ['connect', 'end']) connection.once(event, () => clearTimeout(timer))
}

function tellOfParserErrors(connection: TediousConnection): void {
  const create = connection.createTokenStreamParser
  connection.createTokenStreamParser = (...message) => {
    const reading = create.apply(connection, message)
    reading.parser.on('error', (error: Error) => {
      // Who waits for the end of the message at login is told; else a request is under way, and fails with the socket.
      if (reading.listenerCount('error') > 0) reading.emit('error', error)
      else connection.socket?.destroy(error)
    })
    return reading
  }
}

/** tedious sends the password in clear where the server says that it has no TLS, or somebody in between says so for it. */
export function demandTls(connection: TediousConnection): void {
  const send = connection.sendLogin7Packet
  connection.sendLogin7Packet = () => {
    if (!connection.messageIo?.tlsNegotiationComplete) {
      throw Object.assign(new Error('it does not encrypt, so it was not sent the password'), {
        code: 'ENOTLS'
      })
    }
    send.call(connection)
  }
}

/**
 * Node.js warns (DEP0123) of an IP address as the name of a TLS server, which is what tedious gives, and by which the
 * certificate is verified all the same: no warning to a user who can do nothing about it.
 */
export function connectWithoutWarning(connection: TediousConnection, host: string): void {
  if (isIP(host) === 0 || process.noDeprecation) return
  process.noDeprecation = true
  for (const event of ['secure', 'end']) {
    connection.once(event, () => {
      process.noDeprecation = false
    })
  }
}
