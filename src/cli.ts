#!/usr/bin/env node
import { COMMANDS } from './commands/index.js'
import { refuseKeptByNpm } from './commands/option-rules.js'
import { readOptions } from './commands/read-options.js'
import { UsageError } from './errors.js'
import { exit, watchProcess } from './exit.js'
import { sayFailure } from './failure.js'
import { VERSION } from './version.js'

watchProcess()
try {
  process.exitCode = await run(process.argv.slice(2))
} catch (error) {
  process.exitCode = sayFailure(error)
}
await exit()

async function run([word = '', ...words]: string[]): Promise<number> {
  const command = COMMANDS.find(({ name }) => name === word)
  if (!command) return answer(word)
  refuseKeptByNpm(process.env, command, words)
  const { options, argument, isHelp } = readOptions(command, words)
  return isHelp ? printHelp(command.name, '--help') : command.run(options, argument)
}

/** What stands in place of a command. */
async function answer(word: string): Promise<number> {
  if (/^(-h|--help|-v|--version)$/.test(word)) return printHelp(word)
  const what = word.startsWith('-') ? `unknown option ${word}` : `unknown command “${word}”`
  throw new UsageError(`${word ? what : 'no command given'}; \`webex-cdr --help\` lists the commands`)
}

/** cac only prints the help and the version: it would read 007 as the number 7, and ignore what follows `--`. */
async function printHelp(...words: string[]): Promise<number> {
  const { cac } = await import('cac')
  const cli = cac('webex-cdr')
  for (const { name, argument, summary, options, examples } of COMMANDS) {
    const rawName = argument ? `${name} ${argument}` : name
    const command = cli.command(rawName, summary).usage(`${rawName} [options]`)
    for (const [usage, text] of Object.values(options)) command.option(usage, text)
    for (const example of examples) command.example(example)
  }
  cli.help()
  cli.version(VERSION)
  cli.parse(['node', 'webex-cdr', ...words], { run: false })
  return 0
}
