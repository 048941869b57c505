import { expect, onTestFinished, test } from 'vitest'
import { startSimulator } from '../../src/simulator/index.js'
import { testClient } from '../support/client.js'

/** A client whose store fails so many times at the successor of its refresh token. */
async function withFailures(failures: number) {
  const sim = await startSimulator({ records: [], rotateRefreshToken: true })
  onTestFinished(() => sim.close())
  const client = testClient(sim.url)
  const { secrets } = client
  const write = secrets.write.bind(secrets)
  const first = await secrets.read('refresh-token')
  let left = failures
  secrets.write = async (name, value) => {
    if (value !== first && left > 0) {
      left -= 1
      throw new Error('ENOSPC: no space left on device')
    }
    await write(name, value)
  }
  return { ...client, sim }
}

test('a store that fails for a moment is tried again with the new refresh token', async () => {
  const { token, secrets, sim } = await withFailures(2)
  await token.get()
  expect(await secrets.read('refresh-token')).toBe(sim.currentRefreshToken())
})

test('where it goes on failing, the error says what is lost and what to do, and no token is used', async () => {
  const { token, sim } = await withFailures(Number.POSITIVE_INFINITY)
  const error = await token.get().catch((thrown: Error) => thrown)
  expect(String(error)).toMatch(
    /^SecretStoreError: Webex replaced the refresh token, and the new one is lost .*: ENOSPC: .*; fix that, then authorise again: `npm run setup`$/
  )
  expect(String(error)).not.toContain(sim.currentRefreshToken())
  expect(sim.requests).toHaveLength(1)
}, 30_000)
