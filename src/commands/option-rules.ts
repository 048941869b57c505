import { UsageError } from '../errors.js'
import type { Command, Value } from './command.js'
import { namesOf } from './read-options.js'

type Given = Readonly<Record<string, Value>>
type Key<Of> = keyof Of & string

/** @throws UsageError when more than one of these options is given */
export function refuseTogether<Of extends Given>(options: Of, keys: readonly Key<Of>[]): void {
  const [first, ...others] = keys.filter((key) => isGiven(options[key]))
  if (first) refuseWith(options, first, others)
}

/**
 * @param reason why the option cannot be used with one of the others
 * @throws UsageError
 */
export function refuseWith<Of extends Given>(
  options: Of,
  key: Key<Of>,
  others: readonly Key<Of>[],
  reason?: string
): void {
  const other = others.find((each) => isGiven(options[each]))
  if (!isGiven(options[key]) || !other) return
  const because = reason ? `: ${reason}` : ''
  throw new UsageError(`${flagOf(key)} cannot be used with ${flagOf(other)}${because}`)
}

/** @throws UsageError when one of these options is given without the other that it needs */
export function requireFor<Of extends Given>(options: Of, needed: Key<Of>, keys: readonly Key<Of>[]): void {
  const stray = keys.find((key) => isGiven(options[key]))
  if (stray && !isGiven(options[needed])) throw new UsageError(`${flagOf(stray)} needs ${flagOf(needed)}`)
}

/**
 * `npm run sync --dry-run` gives the option to npm, which keeps it: the command would run as if it were not there.
 * @throws UsageError that shows how to write it
 */
export function refuseKeptByNpm(env: NodeJS.ProcessEnv, command: Command, words: readonly string[]): void {
  if (!env.npm_lifecycle_event) return
  const names = Object.values(command.options).flatMap(([usage]) => namesOf(usage).slice(-1))
  const variable = (name: string) => `npm_config_${name.slice(2).replaceAll('-', '_')}`
  const isTyped = (name: string) => words.some((word) => word === name || word.startsWith(`${name}=`))
  const kept = names.find((name) => env[variable(name)] !== undefined && !isTyped(name))
  if (!kept) return
  throw new UsageError(
    `npm took ${kept} as an option of its own: run \`npm run ${command.name} -- ${kept}\`, or remove it from .npmrc and ${variable(kept)} from the environment`
  )
}

function isGiven(value: Value): boolean {
  return Array.isArray(value) ? value.length > 0 : value !== undefined && value !== false
}

/** `--client-id` of clientId. */
function flagOf(key: string): string {
  return `--${key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`
}
