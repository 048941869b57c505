import { ConfigurationError } from '../errors.js'
import { cleanSecret } from './clean-secret.js'
import { EnvironmentStore, SECRET_VARIABLES } from './environment-store.js'
import type { SecretName, SecretStore } from './secret-store.js'

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
  const clientSecret = await readSecret(secrets, 'client-secret')
  const refreshToken = await readSecret(secrets, 'refresh-token')
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
      ? [`${unset.join(', ')} not set (looked in the environment and in ${process.cwd()})`]
      : []),
    ...(!ofEnvironment && absent.length > 0 ? [`no ${absent.join(', ')} in ${secrets.place}`] : [])
  ]
  throw new ConfigurationError(
    `${faults.join('; ')}: run \`npm run setup\`${ofEnvironment ? ', or put the credentials of your Webex integration or Service App into the environment or .env' : ''}`
  )
}

/**
 * A secret as it was meant, whoever put it into the store; "" where there is none.
 * @throws ConfigurationError, SecretStoreError
 */
export async function readSecret(secrets: SecretStore | undefined, name: SecretName): Promise<string> {
  const text = await secrets?.read(name)
  return text ? cleanSecret(name, text, `the ${name} in ${secrets?.place}`) : ''
}
