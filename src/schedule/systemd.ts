import { ConfigurationError } from '../errors.js'
import { type Job, LONGEST_RUN, NAMES, NIGHTLY, notesOf, pathsOf, sayWhen, wordsOf } from './job.js'

const UNITS = '/etc/systemd/system'

/**
 * A service and a timer, each below a line that names its file.
 * @throws ConfigurationError when a path cannot be written into them
 */
export function systemd(job: Job): string {
  checkPaths(job)
  const name = NAMES[job.command]
  const notes = handsOverKey(job)
    ? notesOf(job, 'systemd provides the key of the encrypted file of secrets.')
    : notesOf(job)
  return [
    `# ${name}, ${sayWhen(job)}, as two files. Save each part under the name above it, then:`,
    '#   sudo systemctl daemon-reload',
    `#   sudo systemctl enable --now ${name}.timer`,
    `# To check it: systemctl list-timers ${name}.timer; journalctl -u ${name}.service`,
    ...notes.map((note) => `# ${note}`),
    '',
    `# --- ${UNITS}/${name}.service ---`,
    ...service(job),
    '',
    `# --- ${UNITS}/${name}.timer ---`,
    ...timer(job)
  ].join('\n')
}

function service(job: Job): string[] {
  const { folder, user, keyFile, command } = job
  return [
    '[Unit]',
    `Description=${DESCRIPTIONS[command]}`,
    'Wants=network-online.target',
    'After=network-online.target',
    '',
    '[Service]',
    'Type=oneshot',
    `User=${plain(user)}`,
    `WorkingDirectory=${plain(ENDS_BADLY.test(folder) ? `${folder}/` : folder)}`,
    // By env, as systemd takes no quote or backslash in the path of the program that it starts itself.
    `ExecStart=/usr/bin/env ${wordsOf(job).map(argument).join(' ')} ${command}`,
    `TimeoutStartSec=${LONGEST_RUN}h`,
    ...(handsOverKey(job) && keyFile ? [`LoadCredential=webex-cdr-key:${plain(keyFile)}`] : []),
    'NoNewPrivileges=yes',
    'CapabilityBoundingSet=',
    'ProtectSystem=strict',
    ...protectHome(job),
    ...privateTmp(job),
    `ReadWritePaths=${job.writes.map(word).join(' ')}`,
    'ProtectKernelTunables=yes',
    'ProtectControlGroups=yes',
    'RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX',
    'RestrictSUIDSGID=yes',
    'LockPersonality=yes',
    'SystemCallArchitectures=native'
  ]
}

const DESCRIPTIONS: Record<Job['command'], string> = {
  sync: 'Sync Webex Calling call detail records',
  retain: 'Apply the retention policy to call detail records'
}

function timer(job: Job): string[] {
  return [
    '[Unit]',
    `Description=${DESCRIPTIONS[job.command]} regularly`,
    '',
    '[Timer]',
    ...times(job),
    'RandomizedDelaySec=30s',
    '',
    '[Install]',
    'WantedBy=timers.target'
  ]
}

/** From start to start: any interval will do, the first run is at once, and hosts do not all start at the full hour. */
function times(job: Job): string[] {
  return job.command === 'sync'
    ? ['OnBootSec=1min', `OnUnitActiveSec=${job.every}min`]
    : [`OnCalendar=*-*-* ${NIGHTLY.text}:00`, 'Persistent=yes']
}

/** Read as root, so that nobody else needs to be able to read the file. */
function handsOverKey({ store, keyFile }: Job): boolean {
  return store === 'file' && keyFile !== undefined
}

/** ReadWritePaths opens what lies within these folders, but not one of them itself. */
function protectHome({ writes }: Job): string[] {
  const isHome = writes.some((path) => ['/home', '/root', '/run/user'].includes(path))
  return isHome ? [] : ['ProtectHome=read-only']
}

/** What is in /tmp would not be there. */
function privateTmp(job: Job): string[] {
  const paths = [...pathsOf(job), job.caFile ?? '']
  const isInTmp = paths.some((path) => /^(\/var)?\/tmp(\/|$)/.test(path))
  return isInTmp ? [] : ['PrivateTmp=yes']
}

/** A backslash joins the line to the next one, and blanks are stripped. */
const ENDS_BADLY = /[\\\s]$/

function checkPaths(job: Job): void {
  const { node, keyFile } = job
  if (node.includes('=')) {
    throw new ConfigurationError(
      `${node} contains =, which env takes for a variable assignment: move Node.js`
    )
  }
  if (handsOverKey(job) && keyFile && ENDS_BADLY.test(keyFile)) {
    throw new ConfigurationError(
      `the name of the key file ${JSON.stringify(keyFile)} ends in a space or backslash, which systemd does not accept: rename it`
    )
  }
}

/** The value is taken to the end of the line; only % is special, and what ENDS_BADLY finds. */
function plain(text: string): string {
  return text.replaceAll('%', '%%')
}

function word(text: string): string {
  return `"${plain(text).replace(/["\\]/g, '\\$&')}"`
}

/** Of ExecStart, where $ begins a variable. */
function argument(text: string): string {
  return word(text).replaceAll('$', '$$$$')
}
