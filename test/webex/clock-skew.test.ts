import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import { testHttp } from '../support/client.js'

/** A request to a service whose clock is behind ours by this, in ms, and which takes its time. */
async function skewBy(behind: number, { before = 0, within = 0 }: { before?: number; within?: number }) {
  const server = createServer(async (_, response) => {
    response.sendDate = false
    response.setHeader('Date', new Date(Date.now() - behind + before).toUTCString())
    await sleep(before)
    response.write('{"items":')
    await sleep(within)
    response.end('[]}')
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  const { http } = testHttp({ timeout: 10_000 })
  await http.request({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/` })
  return http.clockSkew
}

test('an answer that takes its time makes no clock wrong', async () => {
  expect(await skewBy(0, { within: 2_500 })).toBeLessThan(1_000)
  expect(await skewBy(0, { before: 2_500 })).toBe(0)
})

test('a clock that is wrong is told by how much, to the second', async () => {
  const ahead = (await skewBy(60_000, { within: 1_500 })) ?? 0
  expect(Math.round(ahead / 1_000)).toBeGreaterThanOrEqual(60)
  expect(ahead).toBeLessThan(61_500)
  const behind = (await skewBy(-60_000, {})) ?? 0
  expect(behind).toBeLessThan(-57_000)
  expect(behind).toBeGreaterThan(-61_500)
})
