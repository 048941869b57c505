import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { onTestFinished } from 'vitest'

/** A proxy that lets nothing out, and tells who was asked for. */
export async function recordingProxy() {
  const hosts = new Set<string>()
  const server = createServer((request, response) => {
    hosts.add(new URL(request.url ?? '').hostname)
    response.writeHead(502).end()
  })
  server.on('connect', ({ url = '' }, socket) => {
    hosts.add(url.replace(/:\d+$/, ''))
    socket.on('error', () => {})
    socket.end('HTTP/1.1 502 Bad Gateway\r\nConnection: close\r\n\r\n')
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return { hosts, env: { HTTPS_PROXY: url, https_proxy: url, NO_PROXY: '', no_proxy: '' } }
}
