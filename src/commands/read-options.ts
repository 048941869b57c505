import { UsageError } from '../errors.js'
import type { Command, Option, Value } from './command.js'

const HELP: Option = ['-h, --help', 'Display this message']

/** What was typed after the name of a command. */
export interface Typed {
  options: Record<string, Value>
  argument: string | undefined
  isHelp: boolean
}

/**
 * Reads the words as they were typed: 007 stays 007, and a lone - is a value. Another value that begins with - takes
 * the form `--name=-value`.
 * @throws UsageError
 */
export function readOptions(command: Command, words: readonly string[]): Typed {
  const declared = Object.entries({ ...command.options, help: HELP })
  const seeHelp = `\`npm run ${command.name} -- --help\``
  const given = new Map<string, string[]>()
  const args: string[] = []
  const rest = [...words]
  for (let word = rest.shift(); word !== undefined; word = rest.shift()) {
    if (!isFlag(word)) {
      args.push(word)
      continue
    }
    const [name = word, inline] = word.split(/=(.*)/s)
    const found = declared.find(([, [usage]]) => namesOf(usage).includes(name))
    if (!found) throw new UsageError(`unknown option ${name}; ${seeHelp} lists the options`)
    const [key, [usage]] = found
    const earlier = given.get(key)
    if (earlier && namesOfValues(usage).length > 0 && !isList(usage)) {
      throw new UsageError(`${longName(usage)} can be given only once`)
    }
    given.set(key, [...(earlier ?? []), ...takeValues(name, usage, inline, rest)])
  }
  const [unexpected] = args.slice(command.argument ? 1 : 0)
  if (unexpected !== undefined) {
    throw new UsageError(`unexpected argument “${unexpected}”; ${seeHelp} shows the usage`)
  }
  const isHelp = given.has('help')
  return {
    options: Object.fromEntries(declared.map(([key, [usage]]) => [key, readValue(usage, given.get(key))])),
    argument: isHelp ? undefined : argumentOf(command, args[0]),
    isHelp
  }
}

/** The names that an option may be typed by: `-o` and `--output`. */
export function namesOf(usage: string): string[] {
  return usage.match(/(?<!\S)--?[a-z-]+/g) ?? []
}

function longName(usage: string): string {
  return namesOf(usage).at(-1) ?? usage
}

function namesOfValues(usage: string): string[] {
  return usage.match(/(?<=<)[^>]+(?=>)/g) ?? []
}

function isList(usage: string): boolean {
  return usage.endsWith('...>')
}

function isFlag(word: string): boolean {
  return word.startsWith('-') && word !== '-'
}

/** @param rest the words after it; the values are taken out */
function takeValues(name: string, usage: string, inline: string | undefined, rest: string[]): string[] {
  const least = namesOfValues(usage).length
  const values = inline === undefined ? [] : [inline]
  if (values.length > least) throw new UsageError(`${name} takes no value`)
  const most = isList(usage) && inline === undefined ? rest.length : least
  while (values.length < most && rest[0] !== undefined && !isFlag(rest[0])) values.push(...rest.splice(0, 1))
  if (values.length < least) {
    throw new UsageError(`${name} needs ${least === 1 ? 'a value' : `${least} values`}: ${usage}`)
  }
  return values
}

function readValue(usage: string, given: string[] | undefined): Value {
  const [name, second] = namesOfValues(usage)
  if (name === undefined) return given !== undefined
  if (isList(usage)) return given ?? []
  if (second !== undefined || given === undefined) return given
  const [value = ''] = given
  const choices = name.split('|')
  if (choices.length === 1 || choices.includes(value)) return value
  throw new UsageError(`${longName(usage)} must be ${sayChoices(choices)}, not “${value}”`)
}

function argumentOf({ name, argument }: Command, typed: string | undefined): string | undefined {
  if (!argument) return undefined
  const choices = argument.slice(1, -1).split('|')
  if (typed === undefined) throw new UsageError(`${name} needs an argument: ${sayChoices(choices)}`)
  if (choices.length === 1 || choices.includes(typed)) return typed
  throw new UsageError(`unknown argument “${typed}”: ${name} takes ${sayChoices(choices)}`)
}

function sayChoices(choices: string[]): string {
  if (choices.length === 1) return choices.join()
  return choices.join(', ').replace(/, ([^,]*)$/, ' or $1')
}
