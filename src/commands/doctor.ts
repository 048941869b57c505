import type { Check } from '../doctor/check.js'
import { ConfigurationError } from '../errors.js'
import { defineCommand } from './command.js'
import { openContext } from './open-context.js'

export const doctor = defineCommand({
  name: 'doctor',
  summary: 'Check everything that a scheduled sync needs',
  options: { json: ['--json', 'Print the result as JSON'] },
  examples: ['npm run doctor'],
  async run({ json }): Promise<number> {
    const print = (line: string) => void process.stdout.write(`${line}\n`)
    const checks: Check[] = []
    const report = (check: Check) => {
      checks.push(check)
      if (!json) print(sayCheck(check))
    }
    try {
      await examine(report)
    } catch (error) {
      // Wrong settings are a finding, too.
      if (!(error instanceof ConfigurationError)) throw error
      report({ name: 'config', status: 'failure', message: error.message })
    }
    const failed = checks.filter(({ status }) => status === 'failure').length
    if (json) print(JSON.stringify({ healthy: failed === 0, checks }))
    else print(verdict(failed, checks.filter(({ status }) => status === 'warning').length))
    return failed === 0 ? 0 : 1
  }
})

async function examine(report: (check: Check) => void): Promise<void> {
  const { withDatabasePassword } = await import('./context.js')
  const doctor = await import('../doctor/doctor.js')
  const context = await openContext()
  await doctor.examine({ ...context, withPassword: () => withDatabasePassword(context) }, report)
}

function verdict(failed: number, warnings: number): string {
  const remarks = warnings === 0 ? '' : `, ${counted(warnings, 'warning')}`
  return failed === 0 ? `No problems found${remarks}.` : `${counted(failed, 'problem')}${remarks}.`
}

function counted(n: number, what: string): string {
  return `${n} ${what}${n === 1 ? '' : 's'}`
}

function sayCheck({ name, status, message }: Check): string {
  return `${status.padEnd(7)}  ${name.padEnd(14)}  ${message}`
}
