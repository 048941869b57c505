import { EnvironmentStore } from '../../src/credentials/environment-store.js'
import type { Log } from '../../src/log.js'
import { DEMO_CREDENTIALS } from '../../src/simulator/index.js'

/** The simulator's secrets, in a store of their own. */
export function demoSecrets(log: Log): EnvironmentStore {
  return new EnvironmentStore(
    { 'client-secret': DEMO_CREDENTIALS.clientSecret, 'refresh-token': DEMO_CREDENTIALS.refreshToken },
    log
  )
}
