import type { Check } from '../doctor/check.js'
import { examine } from '../doctor/doctor.js'
import { ConfigurationError } from '../errors.js'
import { type Context, withDatabasePassword } from './context.js'

/**
 * Exit code 1 when something fails.
 * @param open settings that are wrong are a finding too
 */
export async function doctorCommand(
  open: () => Promise<Context>,
  { json }: { json: boolean }
): Promise<number> {
  const print = (line: string) => void process.stdout.write(`${line}\n`)
  const checks: Check[] = []
  const report = (check: Check) => {
    checks.push(check)
    if (!json) print(sayCheck(check))
  }
  try {
    const context = await open()
    await examine({ ...context, withPassword: () => withDatabasePassword(context) }, report)
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error
    report({ name: 'config', status: 'failure', message: error.message })
  }
  const failed = checks.filter(({ status }) => status === 'failure').length
  if (json) print(JSON.stringify({ healthy: failed === 0, checks }))
  else print(verdict(failed, checks.filter(({ status }) => status === 'warning').length))
  return failed === 0 ? 0 : 1
}

function verdict(failed: number, warnings: number): string {
  const remarks = warnings === 0 ? '' : `, ${warnings} ${warnings === 1 ? 'warning' : 'warnings'}`
  if (failed > 0) return `${failed} to mend${remarks}.`
  return warnings === 0 ? 'Nothing is wrong.' : `Nothing fails${remarks}.`
}

function sayCheck({ name, status, message }: Check): string {
  return `${status.padEnd(7)}  ${name.padEnd(14)}  ${message}`
}
