import { UsageError } from './errors.js'

/** `--name A B` written as `--name A --name B`, the form in which a flag takes several values. */
export function repeatFlag(argv: readonly string[], name: string): string[] {
  let repeating = false
  return argv.flatMap((word, index) => {
    const afterFlag = argv[index - 1] === name
    repeating = !word.startsWith('-') && (repeating || afterFlag)
    return repeating && !afterFlag ? [name, word] : [word]
  })
}

/** The values of a flag as they were typed: cac would make the number 7 of 007. */
export function flagValues(argv: readonly string[], name: string): string[] {
  return argv.flatMap((word, index) => {
    if (word.startsWith(`${name}=`)) return [word.slice(name.length + 1)]
    return word === name ? argv.slice(index + 1, index + 2) : []
  })
}

/**
 * @param short another name of the flag, such as `-o`
 * @throws UsageError when the flag stands there twice
 */
export function flagValue(argv: readonly string[], name: string, short?: string): string | undefined {
  const values = [name, short].flatMap((each) => (each ? flagValues(argv, each) : []))
  if (values.length > 1) throw new UsageError(`${name} is given ${values.length} times; give it once`)
  return values[0]
}

/** Whether a flag without a value stands there. */
export function hasFlag(argv: readonly string[], name: string): boolean {
  return argv.includes(name)
}

/**
 * Which of these flags stands there, if any; each may be followed by a value.
 * @throws UsageError when two do
 */
export function oneOf(argv: readonly string[], names: readonly string[]): string | undefined {
  const [first, second] = names.filter((name) =>
    argv.some((word) => word === name || word.startsWith(`${name}=`))
  )
  if (second) throw new UsageError(`${first} does not go with ${second}: give one of them`)
  return first
}

/**
 * Holds what was typed against the flags of a command, word by word: cac drops what stands behind `--`, gives a
 * switch the word behind it as a value, and takes other spellings of a flag.
 * @param argv as repeatFlag left it
 * @param rawNames as cac was given them, such as `--since <when>` or `-h, --help`
 * @throws UsageError that names the word
 */
export function checkFlags(argv: readonly string[], rawNames: readonly string[]): void {
  const switches = new Set<string>()
  const withValue = new Set<string>()
  for (const rawName of rawNames) {
    const names = rawName.match(/(?<!\S)--?[a-z-]+/g) ?? []
    for (const name of names) (rawName.includes('<') ? withValue : switches).add(name)
  }
  const [, , , ...words] = argv
  for (let index = 0; index < words.length; index += 1) {
    const word = words[index] ?? ''
    const name = word.replace(/=.*$/s, '')
    if (!word.startsWith('-') || word === '--')
      throw new UsageError(`unexpected “${word}”; \`--help\` shows what is taken`)
    if (switches.has(name) && word !== name) throw new UsageError(`${name} takes no value`)
    if (!switches.has(name) && !withValue.has(name))
      throw new UsageError(`there is no option “${name}”; \`--help\` shows those there are`)
    if (withValue.has(name) && word === name) {
      index += 1
      const value = words[index]
      if (value === undefined || /^-./.test(value))
        throw new UsageError(`${name} needs a value; \`--help\` shows which`)
    }
  }
}

/**
 * `npm run sync --dry-run` gives the flag to npm, which keeps it: the command would run as if it were not there.
 * @throws UsageError that shows how to write it
 */
export function checkNpmKeptNothing(
  env: NodeJS.ProcessEnv,
  argv: readonly string[],
  rawNames: readonly string[]
): void {
  if (!env.npm_lifecycle_event) return
  const names = rawNames.flatMap((rawName) => rawName.match(/(?<!\S)--[a-z-]+/g) ?? [])
  const variable = (name: string) => `npm_config_${name.slice(2).replaceAll('-', '_')}`
  const kept = names.find((name) => !argv.includes(name) && env[variable(name)] !== undefined)
  if (!kept) return
  throw new UsageError(
    `npm kept ${kept} for itself: write \`npm run ${argv[2]} -- ${kept}\`, or take it out of .npmrc and ${variable(kept)}`
  )
}
