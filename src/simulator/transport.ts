import { randomUUID } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Answer } from './answer.js'

/** The text of a request's body. */
export async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk)
  return Buffer.concat(chunks).toString('utf8')
}

/** Writes an answer, with a tracking id in its header and, where it is an error, in its body too. */
export function send(response: ServerResponse, answer: Answer): void {
  response.end(writeHead(response, answer))
}

/** Announces the whole body, writes half of it and cuts the connection. */
export function sendHalf(response: ServerResponse, answer: Answer): void {
  const body = writeHead(response, answer)
  response.write(body.subarray(0, Math.floor(body.length / 2)), () => response.destroy())
}

/** Cuts the connection with a reset and no answer. */
export function breakOff(response: ServerResponse): void {
  response.socket?.resetAndDestroy()
}

function writeHead(response: ServerResponse, { status, body, headers }: Answer): Buffer {
  const trackingId = `ROUTER_${randomUUID()}`
  const content =
    typeof body === 'string' ? body : JSON.stringify(status >= 400 ? { ...body, trackingId } : body)
  const bytes = Buffer.from(content, 'utf8')
  response.writeHead(status, {
    'content-type': 'application/json;charset=utf-8',
    ...headers,
    Trackingid: trackingId,
    'content-length': bytes.length
  })
  return bytes
}
