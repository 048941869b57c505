import { posix } from 'node:path'
import { type Job, logFile, NAMES, NIGHTLY, notesOf, sayWhen, wordsOf } from './job.js'

/** A LaunchAgent. Its comment must not have two hyphens in a row, which XML forbids. */
export function launchd(job: Job): string {
  const log = xml(posix.join(job.folder, logFile(job)))
  const label = `local.${NAMES[job.command]}`
  const file = `~/Library/LaunchAgents/${label}.plist`
  return `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<!-- ${NAMES[job.command]}, ${sayWhen(job)}. Save this as ${file}, then:
       launchctl bootstrap gui/$(id -u) ${file}
     To check it:
       launchctl print gui/$(id -u)/${label}
     To stop it, or before you change it:
       launchctl bootout gui/$(id -u)/${label}
     It runs while you are logged in.
     ${notesOf(job, SECRETS[job.store]).join('\n     ')} -->
<plist version="1.0">
<dict>
  <key>Label</key>
  <string>${label}</string>
  <key>ProgramArguments</key>
  <array>
${[...wordsOf(job), job.command].map((word) => `    <string>${xml(word)}</string>`).join('\n')}
  </array>
  <key>WorkingDirectory</key>
  <string>${xml(job.folder)}</string>
${times(job)}
  <key>StandardOutPath</key>
  <string>${log}</string>
  <key>StandardErrorPath</key>
  <string>${log}</string>
</dict>
</plist>`
}

/** One that was missed because the machine slept starts when it wakes. */
function times(job: Job): string {
  if (job.command === 'retain') {
    return `  <key>StartCalendarInterval</key>
  <dict>
    <key>Hour</key>
    <integer>${NIGHTLY.hour}</integer>
    <key>Minute</key>
    <integer>${NIGHTLY.minute}</integer>
  </dict>`
  }
  return `  <key>StartInterval</key>
  <integer>${job.every * 60}</integer>
  <key>RunAtLoad</key>
  <true/>`
}

const SECRETS: Record<Job['store'], string> = {
  env: 'The secrets must be in .env.',
  file: 'The key of the secrets must be set by SECRET_KEY_FILE or SECRET_KEY.',
  keyring: 'The keychain must be unlocked, as it is after login.'
}

function xml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}
