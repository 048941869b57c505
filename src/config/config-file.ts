import { readFileSync } from 'node:fs'
import { z } from 'zod'
import { ConfigurationError, messageOf } from '../errors.js'
import { replaceFile } from '../replace-file.js'

/** In the working directory. It holds settings by their names and no secret. */
export const CONFIG_FILE = 'webex-cdr.json'

export type ConfigValues = Partial<Record<string, string>>

const values = z.record(z.string(), z.string())

/**
 * The settings of the file, empty where there is none.
 * @throws ConfigurationError when it is no JSON object of texts
 */
export function readConfigFile(path = CONFIG_FILE): ConfigValues {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {}
    throw new ConfigurationError(`${path} cannot be read: ${messageOf(error)}`)
  }
  try {
    return values.parse(JSON.parse(text))
  } catch {
    throw new ConfigurationError(
      `${path} must be one JSON object such as {"DATABASE_URL": "sqlite:calls.db"}, each value a text: mend it, or remove it and run \`npm run setup\``
    )
  }
}

/** Changes these settings and leaves the others; undefined removes one. */
export function changeConfigFile(changes: ConfigValues, path = CONFIG_FILE): void {
  const merged = Object.entries({ ...readConfigFile(path), ...changes }).filter(
    ([, value]) => value !== undefined
  )
  replaceFile(path, `${JSON.stringify(Object.fromEntries(merged), null, 2)}\n`)
}
