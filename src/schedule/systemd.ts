import { ConfigurationError } from '../errors.js'
import { sayInterval } from './interval.js'
import { type Job, LONGEST_RUN, pathsOf, SETTINGS_NOTE, secretsNote } from './job.js'

const UNITS = '/etc/systemd/system'

/**
 * A service and a timer, each below a line that names its file.
 * @throws ConfigurationError when a path cannot be written into them
 */
export function systemd(job: Job): string {
  checkPaths(job)
  return [
    `# webex-cdr, every ${sayInterval(job.every)}, as two files. Save each part under the name above it, then:`,
    '#   sudo systemctl daemon-reload',
    '#   sudo systemctl enable --now webex-cdr.timer',
    '# To check it: systemctl list-timers webex-cdr.timer; journalctl -u webex-cdr.service',
    `# ${SETTINGS_NOTE}`,
    `# ${handsOverKey(job) ? 'systemd provides the key of the encrypted file of secrets.' : secretsNote(job)}`,
    '',
    `# --- ${UNITS}/webex-cdr.service ---`,
    ...service(job),
    '',
    `# --- ${UNITS}/webex-cdr.timer ---`,
    ...timer(job)
  ].join('\n')
}

function service(job: Job): string[] {
  const { node, script, folder, user, keyFile } = job
  return [
    '[Unit]',
    'Description=Sync Webex Calling call detail records',
    'Wants=network-online.target',
    'After=network-online.target',
    '',
    '[Service]',
    'Type=oneshot',
    `User=${plain(user)}`,
    `WorkingDirectory=${plain(ENDS_BADLY.test(folder) ? `${folder}/` : folder)}`,
    // By env, as systemd takes no quote or backslash in the path of the program that it starts itself.
    `ExecStart=/usr/bin/env ${argument(node)} ${argument(script)} sync`,
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

/** From start to start: any interval will do, the first run is at once, and hosts do not all start at the full hour. */
function timer({ every }: Job): string[] {
  return [
    '[Unit]',
    'Description=Sync Webex Calling call detail records regularly',
    '',
    '[Timer]',
    'OnBootSec=1min',
    `OnUnitActiveSec=${every}min`,
    'RandomizedDelaySec=30s',
    '',
    '[Install]',
    'WantedBy=timers.target'
  ]
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
