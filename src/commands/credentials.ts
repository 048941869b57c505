import { defineCommand } from './command.js'
import { openContext } from './open-context.js'

export const credentials = defineCommand({
  name: 'credentials',
  summary: 'Show which secrets are stored, clear them, or move them to another store',
  argument: '<show|clear|move>',
  options: {
    to: ['--to <keyring|file>', 'With move: the new store'],
    keyFile: ['--key-file <file>', 'With move --to file: the key file, in another folder']
  },
  examples: ['npm run credentials -- show', 'npm run credentials -- move --to file'],
  async run(options, action): Promise<number> {
    const { runCredentials } = await import('./run-credentials.js')
    return runCredentials(await openContext(), action, options)
  }
})
