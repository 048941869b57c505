import { randomUUID } from 'node:crypto'
import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http'
import { pipeline, Readable } from 'node:stream'
import type { Answer } from './answer.js'

/** The text of a request's body. */
export async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk)
  return Buffer.concat(chunks).toString('utf8')
}

/** Writes an answer, with a tracking id in its header and, where it is an error, in its body too. */
export async function send(response: ServerResponse, answer: Answer): Promise<void> {
  if (answer.body instanceof Readable) return sendFile(response, answer, answer.body)
  const { head, body } = await encode(answer)
  // RFC 9110, 8.6: there is no length of a body that cannot be.
  const length = answer.status === 204 ? {} : { 'content-length': body.length }
  response.writeHead(answer.status, { ...head, ...length })
  response.end(body)
}

/** Announces the whole body, writes half of it and cuts the connection. */
export async function sendHalf(response: ServerResponse, answer: Answer): Promise<void> {
  const { head, body } = await encode(answer)
  response.writeHead(answer.status, { ...head, 'content-length': body.length })
  response.write(body.subarray(0, Math.floor(body.length / 2)), () => response.destroy())
}

/** Writes an answer and then blanks, as fast as the client takes them, until it goes away. */
export async function sendEndless(response: ServerResponse, answer: Answer): Promise<void> {
  const { head, body } = await encode(answer)
  response.writeHead(answer.status, head)
  // The connection that closes is how this ends, and no failure.
  pipeline(Readable.from(endless(body)), response, () => {})
}

/** Cuts the connection with a reset and no answer. */
export function breakOff(response: ServerResponse): void {
  response.socket?.resetAndDestroy()
}

/** Writes an answer piece by piece, as fast as the client takes it. */
function sendFile(response: ServerResponse, { status, headers }: Answer, body: Readable): void {
  response.writeHead(status, { ...headers, Trackingid: newTrackingId() })
  // Whoever goes away before the end may.
  pipeline(body, response, () => {})
}

async function encode({
  status,
  body,
  headers
}: Answer): Promise<{ head: OutgoingHttpHeaders; body: Buffer }> {
  const trackingId = newTrackingId()
  const head = { 'content-type': 'application/json;charset=utf-8', ...headers, Trackingid: trackingId }
  if (body instanceof Readable) return { head, body: Buffer.concat(await body.toArray()) }
  const text =
    typeof body === 'string' ? body : JSON.stringify(status >= 400 ? { ...body, trackingId } : body)
  return { head, body: Buffer.from(text, 'utf8') }
}

function newTrackingId(): string {
  return `ROUTER_${randomUUID()}`
}

function* endless(beginning: Buffer): Generator<Buffer> {
  yield beginning
  const blanks = Buffer.alloc(65_536, ' ')
  while (true) yield blanks
}
