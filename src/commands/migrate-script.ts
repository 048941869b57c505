import { writeFileSync } from 'node:fs'
import { migrationScript, type ScriptRange } from '../database/migration-script.js'
import { messageOf, UsageError } from '../errors.js'

/** Writes the script to standard output, or to a file. It needs neither settings nor a database. */
export async function migrateScriptCommand(
  flags: ScriptRange & { output: string | undefined }
): Promise<number> {
  const script = await migrationScript(flags)
  if (flags.output === undefined) process.stdout.write(script)
  else writeScript(flags.output, script)
  return 0
}

function writeScript(path: string, script: string): void {
  try {
    writeFileSync(path, script)
  } catch (error) {
    throw new UsageError(`--output ${path} cannot be written: ${messageOf(error)}`)
  }
}
