import { win32 } from 'node:path'
import { ConfigurationError } from '../errors.js'
import { type Job, LONGEST_RUN, logFile, NAMES, NIGHTLY, notesOf, pathsOf, sayWhen, wordsOf } from './job.js'

/**
 * PowerShell that registers a task.
 * @throws ConfigurationError when Windows would take a path's % for a variable
 */
export function windows(job: Job): string {
  for (const path of pathsOf(job)) checkHasNoVariable(path)
  const name = NAMES[job.command]
  const log = win32.join(job.folder, logFile(job))
  const notes =
    job.store === 'keyring' ? notesOf(job, 'The secrets are in Credential Manager.') : notesOf(job)
  const program = wordsOf(job)
    .map((word) => `"${word}"`)
    .join(' ')
  // cmd takes the outer quotes of /c away, and nothing within the inner ones is special to it.
  const command = `/d /s /c "${program} ${job.command} >> "${log}" 2>&1"`
  return [
    `# ${name}, ${sayWhen(job)}. Paste this into a PowerShell window that runs as administrator, signed in as`,
    '# the user of the task. (From a file, Windows PowerShell 5.1 would misread accented letters.)',
    ...notes.map((note) => `# ${note}`),
    // As one block it is read to its end before it asks for anything.
    '& {',
    "  $ErrorActionPreference = 'Stop'",
    '  $user = [System.Security.Principal.WindowsIdentity]::GetCurrent().Name',
    '  $task = @{',
    `    TaskName = '${name}'`,
    `    Action = New-ScheduledTaskAction -Execute 'cmd.exe' -Argument ${quote(command)} -WorkingDirectory ${quote(job.folder)}`,
    `    Trigger = New-ScheduledTaskTrigger ${times(job)}`,
    `    Settings = New-ScheduledTaskSettingsSet -MultipleInstances IgnoreNew -StartWhenAvailable -ExecutionTimeLimit (New-TimeSpan -Hours ${LONGEST_RUN}) -AllowStartIfOnBatteries -DontStopIfGoingOnBatteries`,
    '  }',
    ...(job.store === 'keyring' ? WITH_PASSWORD : WITHOUT_PASSWORD),
    ...(job.command === 'sync' ? [`  Start-ScheduledTask -TaskName '${name}'`] : []),
    '}',
    `# To check it: Get-ScheduledTaskInfo -TaskName '${name}' (LastTaskResult is the exit code).`,
    `# To remove it: Unregister-ScheduledTask -TaskName '${name}'`
  ].join('\n')
}

function times(job: Job): string {
  return job.command === 'sync'
    ? `-Once -At (Get-Date) -RepetitionInterval (New-TimeSpan -Minutes ${job.every})`
    : `-Daily -At ${NIGHTLY.text}`
}

const WITH_PASSWORD = [
  '  # Credential Manager needs a logon with the password: you are asked for it, and Windows stores it with the task.',
  "  $logon = Get-Credential -UserName $user -Message 'The user that runs webex-cdr'",
  '  $password = $logon.GetNetworkCredential().Password',
  '  Register-ScheduledTask @task -User $user -Password $password -RunLevel Limited -Force'
]

const WITHOUT_PASSWORD = [
  '  # S4U runs it whether or not the user is logged on and keeps no password, but cannot read Credential Manager: print',
  '  # this again if the secrets move to the keyring.',
  '  $principal = New-ScheduledTaskPrincipal -UserId $user -LogonType S4U -RunLevel Limited',
  '  Register-ScheduledTask @task -Principal $principal -Force'
]

function checkHasNoVariable(path: string): void {
  if (!/%.*%/.test(path)) return
  throw new ConfigurationError(
    `“${path}” contains two % signs, between which Windows expects a variable name: rename it`
  )
}

/** PowerShell ends such a text at a curly quote too. */
function quote(text: string): string {
  return `'${text.replace(/['‘’‚‛]/g, '$&$&')}'`
}
