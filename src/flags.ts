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

/** @throws UsageError when the flag stands there twice */
export function flagValue(argv: readonly string[], name: string): string | undefined {
  const values = flagValues(argv, name)
  if (values.length > 1) throw new UsageError(`${name} is given ${values.length} times; give it once`)
  return values[0]
}
