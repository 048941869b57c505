import { expect, onTestFinished, test } from 'vitest'
import { loadSettings } from '../../src/config/settings.js'
import { DEMO_CREDENTIALS, startSimulator } from '../../src/simulator/index.js'
import { createClient } from '../../src/webex/client.js'
import { pagesOf } from '../support/client.js'
import { memoryLog } from '../support/log.js'
import { demoSecrets } from '../support/secrets.js'

const MINUTE = 60_000
const HOUR = 60 * MINUTE

test('cdr_feed and cdr_stream share one budget of requests, as the service may count them together', async () => {
  let present = Date.UTC(2026, 10, 23, 16)
  const now = () => present
  const sim = await startSimulator({ recordsPerHour: 300, rateLimit: true, minPageSize: 25, now })
  onTestFinished(() => sim.close())
  const { webex } = loadSettings({
    WEBEX_CLIENT_ID: DEMO_CREDENTIALS.clientId,
    WEBEX_API_URL: sim.url,
    WEBEX_ANALYTICS_URL: sim.url
  })
  const { log } = memoryLog()
  const { feed, stream } = createClient(
    { ...webex, maxPerPage: 25 },
    {
      secrets: demoSecrets(log),
      log,
      now,
      sleep: async (ms) => {
        present += ms
      },
      signal: new AbortController().signal
    }
  )
  const end = present - 10 * MINUTE
  for (const source of [feed, stream, feed]) {
    expect(await pagesOf(source, { start: end - MINUTE, end })).toHaveLength(1)
  }
  for (let round = 0; round < 3; round += 1) {
    const fed = await pagesOf(feed, { start: end - HOUR, end })
    const streamed = await pagesOf(stream, { start: end - HOUR, end })
    expect(fed.length + streamed.length).toBeGreaterThan(11)
  }
  expect(sim.requests.filter(({ status }) => status === 429)).toEqual([])
})
