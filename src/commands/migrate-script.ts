import { writeFileSync } from 'node:fs'
import { migrationScript, type ScriptRange } from '../database/migration-script.js'
import { messageOf, UsageError } from '../errors.js'

/**
 * Writes the script to standard output, or to a file. It needs neither settings nor a database.
 * @throws UsageError when it would not stand alone there
 */
export async function writeMigrationScript(
  options: ScriptRange & { output: string | undefined }
): Promise<number> {
  if (options.output === undefined && isBehindBanner()) {
    throw new UsageError(
      'npm prints lines of its own before the script, which are not T-SQL: write it to a file with -o webex-cdr.sql, or use `npm run --silent`'
    )
  }
  const script = await migrationScript(options)
  if (options.output === undefined) process.stdout.write(script)
  else writeScript(options.output, script)
  return 0
}

/** Standard output goes to a file or a program, and npm has said there what it runs. */
function isBehindBanner(): boolean {
  const {
    npm_lifecycle_event: script,
    npm_config_user_agent: agent,
    npm_config_loglevel: level
  } = process.env
  const isOfNpm = script === 'migrate' && agent?.startsWith('npm/')
  return Boolean(isOfNpm) && level !== 'silent' && !process.stdout.isTTY
}

function writeScript(path: string, script: string): void {
  try {
    writeFileSync(path, script)
  } catch (error) {
    throw new UsageError(`cannot write --output ${path}: ${messageOf(error)}`)
  }
}
