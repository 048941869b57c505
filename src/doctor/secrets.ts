import { EnvironmentStore, SECRET_VARIABLES } from '../credentials/environment-store.js'
import { KeyringStore } from '../credentials/keyring-store.js'
import type { SecretName, SecretStore } from '../credentials/secret-store.js'
import { type Finding, failure, ok, warning } from './check.js'

/** Whether the store can be read from here, and has what a sync needs. */
export async function checkSecrets(store: SecretStore, platform = process.platform): Promise<Finding> {
  const needed: SecretName[] = ['client-secret', 'refresh-token']
  const absent: SecretName[] = []
  for (const name of needed) if (!(await store.read(name))) absent.push(name)
  const names = absent.map((name) => (store instanceof EnvironmentStore ? SECRET_VARIABLES[name] : name))
  if (absent.length > 0) return failure(`no ${names.join(', ')} in ${store.place}: run \`npm run setup\``)
  return store instanceof KeyringStore && platform === 'linux'
    ? warning(`${store.place}: it works in this session, but ${NO_SESSION}`)
    : ok(store.place)
}

const NO_SESSION =
  'a cron job or systemd unit has no desktop session and cannot access it: before you schedule, run `npm run credentials -- move --to file`'
