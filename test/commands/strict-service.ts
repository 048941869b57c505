import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { onTestFinished } from 'vitest'
import { sendJson } from '../support/hostile-server.js'
import { commandBench, pointAt, SETUP } from './bench.js'

/** A service each of whose refresh tokens is good once: a successor that is lost is missed at once. */
export class StrictService {
  url = ''
  /** The refresh tokens that were offered, in their order. */
  readonly offered: string[] = []
  feeds = 0
  /** Answers to cdr_feed have this status; 0 is no answer. */
  feedStatus = 200
  /** In place of an access token. */
  accessToken = 'access-token'
  /** In s: 429 in place of the next answer. */
  retryAfter = 0
  /** Tokens wait for it. */
  gate: Promise<void> = Promise.resolve()
  private number = 1

  /** The refresh token that is good now. */
  get good(): string {
    return `refresh-token-${this.number}`
  }

  /** From now on no token is given, until the returned function is called. */
  close(): () => void {
    let open = () => {}
    this.gate = new Promise((resolve) => {
      open = resolve
    })
    return open
  }

  async start(): Promise<void> {
    const server = createServer(async (request, response) => {
      const form = new URLSearchParams(await text(request))
      if (request.url === '/v1/access_token') {
        const offered = form.get('refresh_token') ?? ''
        this.offered.push(offered)
        if (this.retryAfter > 0)
          return sendJson(response, 429, {}, { 'retry-after': String(this.retryAfter) })
        if (offered !== this.good) return sendJson(response, 400, { message: 'Invalid refresh token' })
        this.number += 1
        const body = { access_token: this.accessToken, refresh_token: this.good }
        await this.gate
        return sendJson(response, 200, body)
      }
      if (!request.url?.startsWith('/v1/cdr_feed')) return sendJson(response, 404, {})
      this.feeds += 1
      if (this.feedStatus > 0) sendJson(response, this.feedStatus, { items: [] })
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    onTestFinished(() => {
      server.closeAllConnections()
      server.close()
    })
    this.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`
  }
}

/** The program beside such a service. */
export async function strictBench() {
  const bench = await commandBench()
  const service = new StrictService()
  await service.start()
  pointAt(bench.folder, service.url)
  return { ...bench, service }
}

/** The same, set up with an encrypted file, and migrated. */
export async function strictInstallation() {
  const bench = await strictBench()
  const { run, migrate, keyFile, service } = bench
  const done = await run([...SETUP, '--store', 'file', '--key-file', keyFile], {
    input: `a-client-secret\n${service.good}\n`
  })
  if (done.code !== 0) throw new Error(done.stderr)
  await migrate()
  service.offered.length = 0
  service.feeds = 0
  return bench
}
