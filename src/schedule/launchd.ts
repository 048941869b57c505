import { posix } from 'node:path'
import { type Job, LOG_FILE, SETTINGS_NOTE } from './job.js'

const LABEL = 'local.webex-cdr'
const FILE = `~/Library/LaunchAgents/${LABEL}.plist`

/** A LaunchAgent. Its comment must not have two hyphens in a row, which XML forbids. */
export function launchd(job: Job): string {
  const log = xml(posix.join(job.folder, LOG_FILE))
  return `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<!-- Save this as ${FILE}, then:
       launchctl bootstrap gui/$(id -u) ${FILE}
     To check it:
       launchctl print gui/$(id -u)/${LABEL}
     To stop it, or before you change it:
       launchctl bootout gui/$(id -u)/${LABEL}
     It runs while you are logged in. ${SETTINGS_NOTE}
     ${SECRETS[job.store]} -->
<plist version="1.0">
<dict>
  <key>Label</key>
  <string>${LABEL}</string>
  <key>ProgramArguments</key>
  <array>
    <string>${xml(job.node)}</string>
    <string>${xml(job.script)}</string>
    <string>sync</string>
  </array>
  <key>WorkingDirectory</key>
  <string>${xml(job.folder)}</string>
  <key>StartInterval</key>
  <integer>${job.every * 60}</integer>
  <key>RunAtLoad</key>
  <true/>
  <key>StandardOutPath</key>
  <string>${log}</string>
  <key>StandardErrorPath</key>
  <string>${log}</string>
</dict>
</plist>`
}

const SECRETS: Record<Job['store'], string> = {
  env: 'The secrets must be in .env.',
  file: 'SECRET_KEY_FILE or SECRET_KEY must be set there.',
  keyring: 'The keychain must be unlocked, as it is after login.'
}

function xml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}
