import { EnvironmentStore, SECRET_VARIABLES } from '../credentials/environment-store.js'
import type { SecretName, SecretStore } from '../credentials/secret-store.js'
import { type Finding, failure, ok } from './check.js'

/** Whether the store can be read from here, and has what a sync needs. */
export async function checkSecrets(store: SecretStore): Promise<Finding> {
  const needed: SecretName[] = ['client-secret', 'refresh-token']
  const absent: SecretName[] = []
  for (const name of needed) if (!(await store.read(name))) absent.push(name)
  const names = absent.map((name) => (store instanceof EnvironmentStore ? SECRET_VARIABLES[name] : name))
  return absent.length > 0
    ? failure(`no ${names.join(', ')} in ${store.place}: run \`npm run setup\``)
    : ok(store.place)
}
