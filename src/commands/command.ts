/**
 * How an option is typed, and its line in the help. The usage is one of `--json`, `--since <when>`,
 * `-o, --output <file>`, `--source <auto|feed|stream>`, `--locations <names...>` and `--range <start> <end>`.
 */
export type Option = readonly [usage: string, text: string]

/** By the long name in camel case. */
export type Options = Readonly<Record<string, Option>>

/** The value of an option, as it was typed. */
export type Value = string | readonly string[] | boolean | undefined

type Choice<Text extends string> = Text extends `${infer First}|${infer Rest}` ? First | Choice<Rest> : Text

type ValueOf<Usage extends string> = string extends Usage
  ? Value
  : Usage extends `${string}...>`
    ? string[]
    : Usage extends `${string}> <${string}`
      ? [string, string] | undefined
      : Usage extends `${string}<${infer Text}>`
        ? (Text extends `${string}|${string}` ? Choice<Text> : string) | undefined
        : boolean

type ArgumentOf<Usage extends string> = string extends Usage
  ? string | undefined
  : Usage extends `<${infer Text}>`
    ? Text extends `${string}|${string}`
      ? Choice<Text>
      : string
    : undefined

/** Where an option is not given, a list is empty, a switch false, any other value undefined. */
export type Values<Declared extends Options> = {
  -readonly [Key in keyof Declared]: ValueOf<Declared[Key][0]>
}

export interface Command<Declared extends Options = Options, Argument extends string = string> {
  name: string
  /** Its line in the list of commands. */
  summary: string
  /** The argument that it requires, if any: one of these words, `<show|clear|move>`, or any text, `<name or number>`. */
  argument?: Argument
  options: Declared
  examples: readonly string[]
  /** @returns the exit code */
  run(options: Values<Declared>, argument: ArgumentOf<Argument>): Promise<number>
}

/** The values of a command's options: `OptionsOf<typeof sync>`. */
export type OptionsOf<Declared> = Declared extends Command<infer Of, string> ? Values<Of> : never

/** A command's file is loaded for every other command and for the help: `run` imports what is heavy. */
export function defineCommand<const Declared extends Options, const Argument extends string = string>(
  command: Command<Declared, Argument>
): Command<Declared, Argument> {
  return command
}
