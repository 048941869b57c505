import { writeFileSync } from 'node:fs'
import { migrationScript, type ScriptRange } from '../database/migration-script.js'
import { messageOf, UsageError } from '../errors.js'

/**
 * Writes the script to standard output, or to a file. It needs neither settings nor a database.
 * @throws UsageError when it would not stand alone there
 */
export async function migrateScriptCommand(
  flags: ScriptRange & { output: string | undefined }
): Promise<number> {
  if (flags.output === undefined && isBehindBanner()) {
    throw new UsageError(
      'npm has put lines of its own before the script, which T-SQL does not take: write it to a file with -o webex-cdr.sql, or use `npm run --silent`'
    )
  }
  const script = await migrationScript(flags)
  if (flags.output === undefined) process.stdout.write(script)
  else writeScript(flags.output, script)
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
    throw new UsageError(`--output ${path} cannot be written: ${messageOf(error)}`)
  }
}
