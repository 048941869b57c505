import { expect, test } from 'vitest'
import { ConfigurationError } from '../../src/errors.js'
import { windows } from '../../src/schedule/windows.js'
import { JOB, RETAIN, type SyncJob } from './support.js'

const job: SyncJob = {
  ...JOB,
  node: 'C:\\Program Files\\nodejs\\node.exe',
  script: 'C:\\webex-cdr\\dist\\src\\cli.js',
  folder: "D:\\Müller & Söhne’s 100% $env:X\\it's"
}

test('names its paths in cmd’s quotes within PowerShell’s', () => {
  const folder = "D:\\Müller & Söhne’’s 100% $env:X\\it''s"
  expect(windows(job)).toContain(
    `New-ScheduledTaskAction -Execute 'cmd.exe' -Argument '/d /s /c ""C:\\Program Files\\nodejs\\node.exe" "C:\\webex-cdr\\dist\\src\\cli.js" sync >> "${folder}\\webex-cdr.log" 2>&1"' -WorkingDirectory '${folder}'\n`
  )
})

test('runs retain with the variables of its login', () => {
  const envFile = 'C:\\webex-cdr\\webex-cdr-retain.env'
  const text = windows({ ...RETAIN, node: job.node, script: job.script, folder: 'C:\\webex-cdr', envFile })
  expect(text).toContain(
    `-Argument '/d /s /c ""C:\\Program Files\\nodejs\\node.exe" "--env-file=${envFile}" "C:\\webex-cdr\\dist\\src\\cli.js" retain >> "C:\\webex-cdr\\webex-cdr-retain.log" 2>&1"'`
  )
})

test('repeats, and has no two runs at once', () => {
  const text = windows({ ...job, every: 120 })
  expect(text).toContain('-RepetitionInterval (New-TimeSpan -Minutes 120)\n')
  expect(text).toContain(
    '-MultipleInstances IgnoreNew -StartWhenAvailable -ExecutionTimeLimit (New-TimeSpan -Hours 6)'
  )
})

test('asks for the password only where Credential Manager needs it', () => {
  expect(windows({ ...job, store: 'keyring' })).toContain('$logon = Get-Credential')
  expect(windows({ ...job, store: 'keyring' })).not.toContain('-LogonType S4U')
  for (const store of ['env', 'file'] as const) {
    expect(windows({ ...job, store })).toContain('-LogonType S4U')
    expect(windows({ ...job, store })).not.toContain('Get-Credential')
  }
})

test('refuses a path in which Windows would see a variable', () => {
  expect(() => windows({ ...job, folder: 'C:\\%TEMP%\\x' })).toThrow(ConfigurationError)
  expect(() => windows({ ...job, folder: 'C:\\%TEMP%\\x' })).toThrow('“C:\\%TEMP%\\x” contains two % signs')
})
