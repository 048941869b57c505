import { accessSync, constants, existsSync, readFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { z } from 'zod'
import { ConfigurationError, messageOf } from '../errors.js'
import { readText } from '../read-text.js'
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
  const text = readText(path)
  if (text === undefined) return {}
  const parsed = values.safeParse(parse(text, path))
  if (parsed.success) return parsed.data
  const name = parsed.error.issues[0]?.path[0]
  throw new ConfigurationError(
    `${path} must be a JSON object such as {"DATABASE_URL": "sqlite:calls.db"}${name === undefined ? '' : `, with ${String(name)} a quoted string`}`
  )
}

function parse(text: string, path: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    // The rest of the parser's message repeats what stands there.
    const [, position] = /position (\d+)/.exec(messageOf(error)) ?? []
    const line = text.slice(0, Number(position ?? text.length)).split('\n').length
    throw new ConfigurationError(
      `${path} is not valid JSON, near line ${line}: correct it, or delete it and run \`npm run setup\``
    )
  }
}

/**
 * Changes these settings and leaves the others; undefined removes one.
 * @throws ConfigurationError when the file cannot be replaced
 */
export function changeConfigFile(changes: ConfigValues, path = CONFIG_FILE): void {
  const merged = Object.entries({ ...readConfigFile(path), ...changes }).filter(
    ([, value]) => value !== undefined
  )
  replace(path, `${JSON.stringify(Object.fromEntries(merged), null, 2)}\n`)
}

/**
 * Finds out whether `changeConfigFile` will succeed, and changes nothing.
 * @throws ConfigurationError
 */
export function proveConfigFile(path = CONFIG_FILE): void {
  if (existsSync(path)) {
    replace(path, readFileSync(path))
    return
  }
  const folder = dirname(resolve(path))
  try {
    accessSync(folder, constants.W_OK)
  } catch {
    throw new ConfigurationError(
      `this user cannot write to ${folder}, where ${path} is to be created: run as the owner of the folder`
    )
  }
}

function replace(path: string, text: string | Buffer): void {
  try {
    replaceFile(path, text)
  } catch (error) {
    throw new ConfigurationError(
      `${path} cannot be replaced: ${messageOf(error)}; this user needs write access to it and its folder; a container must mount the folder, not the file`
    )
  }
}
