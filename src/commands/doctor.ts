import type { Check } from '../doctor/check.js'
import { examine } from '../doctor/doctor.js'
import { type Context, withDatabasePassword } from './context.js'

/** Exit code 1 when something fails. */
export async function doctorCommand(context: Context, { json }: { json: boolean }): Promise<number> {
  const { print } = context
  const checks: Check[] = []
  const patient = { ...context, withPassword: () => withDatabasePassword(context) }
  await examine(patient, (check) => {
    checks.push(check)
    if (!json) print(sayCheck(check))
  })
  const failed = checks.filter(({ status }) => status === 'failure').length
  if (json) print(JSON.stringify({ healthy: failed === 0, checks }))
  else print(failed === 0 ? 'Nothing is wrong.' : `${failed} to mend.`)
  return failed === 0 ? 0 : 1
}

function sayCheck({ name, status, message }: Check): string {
  return `${status.padEnd(7)}  ${name.padEnd(14)}  ${message}`
}
