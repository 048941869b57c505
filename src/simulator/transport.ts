import { randomUUID } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { pipeline, Readable } from 'node:stream'
import type { Answer } from './answer.js'

/** The text of a request's body. */
export async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk)
  return Buffer.concat(chunks).toString('utf8')
}

/** Writes an answer, with a tracking id in its header and, where it is an error, in its body too. */
export function send(response: ServerResponse, answer: Answer): void {
  const { head, body } = encode(answer)
  response.writeHead(answer.status, { ...head, 'content-length': body.length })
  response.end(body)
}

/** Announces the whole body, writes half of it and cuts the connection. */
export function sendHalf(response: ServerResponse, answer: Answer): void {
  const { head, body } = encode(answer)
  response.writeHead(answer.status, { ...head, 'content-length': body.length })
  response.write(body.subarray(0, Math.floor(body.length / 2)), () => response.destroy())
}

/** Writes an answer and then blanks, as fast as the client takes them, until it goes away. */
export function sendEndless(response: ServerResponse, answer: Answer): void {
  const { head, body } = encode(answer)
  response.writeHead(answer.status, head)
  // The connection that closes is how this ends, and no failure.
  pipeline(Readable.from(endless(body)), response, () => {})
}

/** Cuts the connection with a reset and no answer. */
export function breakOff(response: ServerResponse): void {
  response.socket?.resetAndDestroy()
}

function encode({ status, body, headers }: Answer): { head: Record<string, string>; body: Buffer } {
  const trackingId = `ROUTER_${randomUUID()}`
  const text =
    typeof body === 'string' ? body : JSON.stringify(status >= 400 ? { ...body, trackingId } : body)
  const head = { 'content-type': 'application/json;charset=utf-8', ...headers, Trackingid: trackingId }
  return { head, body: Buffer.from(text, 'utf8') }
}

function* endless(beginning: Buffer): Generator<Buffer> {
  yield beginning
  const blanks = Buffer.alloc(65_536, ' ')
  while (true) yield blanks
}
