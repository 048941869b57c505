import { ConfigurationError } from '../errors.js'
import { EnvironmentStore, SECRET_VARIABLES } from './environment-store.js'
import type { SecretStore } from './secret-store.js'

/** What the token endpoint asks for. */
export interface Credentials {
  clientId: string
  clientSecret: string
  refreshToken: string
}

/** @throws ConfigurationError that names every missing one; SecretStoreError */
export async function readCredentials(
  clientId: string | undefined,
  secrets: SecretStore
): Promise<Credentials> {
  const clientSecret = await secrets.read('client-secret')
  const refreshToken = await secrets.read('refresh-token')
  if (clientId && clientSecret && refreshToken) return { clientId, clientSecret, refreshToken }
  const absent = [
    ...(clientSecret ? [] : ['client-secret' as const]),
    ...(refreshToken ? [] : ['refresh-token' as const])
  ]
  const ofEnvironment = secrets instanceof EnvironmentStore
  const unset = [
    ...(clientId ? [] : ['WEBEX_CLIENT_ID']),
    ...(ofEnvironment ? absent.map((name) => SECRET_VARIABLES[name]) : [])
  ]
  const faults = [
    ...(unset.length > 0
      ? [`${unset.join(', ')} not set, neither in the environment nor in ${process.cwd()}`]
      : []),
    ...(!ofEnvironment && absent.length > 0 ? [`no ${absent.join(', ')} in ${secrets.place}`] : [])
  ]
  throw new ConfigurationError(
    `${faults.join('; ')}: run \`npm run setup\`${ofEnvironment ? ', or put the credentials of your Webex integration or Service App into the environment or .env' : ''}`
  )
}
