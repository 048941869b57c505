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
  const parsed = values.safeParse(parse(text.replace(/^\uFEFF/, ''), path))
  if (parsed.success) return parsed.data
  const name = parsed.error.issues[0]?.path[0]
  throw new ConfigurationError(
    `${path} must be one JSON object such as {"DATABASE_URL": "sqlite:calls.db"}${name === undefined ? '' : `, and its ${String(name)} a text in quotes`}`
  )
}

function parse(text: string, path: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    // The rest of the parser's message repeats what stands there.
    const [, position] = /position (\d+)/.exec(messageOf(error)) ?? []
    const line = text.slice(0, Number(position ?? text.length)).split('\n').length
    throw new ConfigurationError(`${path} is no JSON, about line ${line}: mend it there`)
  }
}

/** Changes these settings and leaves the others; undefined removes one. */
export function changeConfigFile(changes: ConfigValues, path = CONFIG_FILE): void {
  const merged = Object.entries({ ...readConfigFile(path), ...changes }).filter(
    ([, value]) => value !== undefined
  )
  replaceFile(path, `${JSON.stringify(Object.fromEntries(merged), null, 2)}\n`)
}
