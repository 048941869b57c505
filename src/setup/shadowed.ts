import { CONFIG_FILE, type ConfigValues } from '../config/config-file.js'
import { ConfigurationError } from '../errors.js'

/**
 * The environment stands above the config file: what is written there would not be heard.
 * @throws ConfigurationError
 */
export function refuseShadowed(changes: ConfigValues, env: ConfigValues): void {
  const name = Object.keys(changes).find(
    (name) => changes[name] !== undefined && env[name] && env[name] !== changes[name]
  )
  if (name) throw shadowed(name)
}

export function shadowed(name: string): ConfigurationError {
  return new ConfigurationError(
    `${name} is set in the environment or .env, which override ${CONFIG_FILE}: remove it there first`
  )
}
