import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** Answers the request for a page; `count` is how many there were before it. */
export type Hostility = (response: ServerResponse, count: number, request: IncomingMessage) => void

export interface HostileServer {
  /** To be set as WEBEX_API_URL and WEBEX_ANALYTICS_URL. */
  url: string
  /** The URLs of the requests for pages, in their order. */
  asked: string[]
  close(): Promise<void>
}

export const ACCESS_TOKEN = 'hostile-server-access-token'

/** A server on loopback that gives a token, and for a page whatever a test wants: the simulator keeps to HTTP. */
export async function startHostileServer(hostility: Hostility): Promise<HostileServer> {
  const asked: string[] = []
  const server = createServer((request, response) => {
    request.resume()
    if (request.url === '/v1/access_token') {
      response.end(JSON.stringify({ access_token: ACCESS_TOKEN }))
      return
    }
    asked.push(request.url ?? '')
    hostility(response, asked.length - 1, request)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    asked,
    async close() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    }
  }
}

/** Sends these bytes as they are, and ends the connection. */
export function sendRaw(response: ServerResponse, text: string): void {
  response.socket?.end(text, 'latin1')
}

export function sendJson(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Record<string, string> = {}
): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers })
  response.end(JSON.stringify(body))
}
