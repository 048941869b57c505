import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { describe } from 'vitest'
import { required } from './desktop.js'

/** GNOME Keyring on a D-Bus of its own, with a new keyring in a folder of its own. */
export interface Keyring {
  /** For a program that is to use it. A process can only ever reach the first D-Bus that it was given. */
  env: NodeJS.ProcessEnv
  address: string
  /** The process of gnome-keyring-daemon. */
  daemon: number
  /** From now on it asks for the password, by a prompter, before it gives anything. */
  lock(): void
  /** Ends all its processes. Does no harm twice. */
  stop(): Promise<void>
}

export interface KeyringOptions {
  unlocked: boolean
  /** Who should ask for the password neither does so nor gives up; otherwise it fails, as there is no display. */
  prompter?: 'hangs'
}

/** Needs the Debian packages gnome-keyring and dbus. */
export async function startKeyring({ unlocked, prompter }: KeyringOptions): Promise<Keyring> {
  const folder = mkdtempSync(join(tmpdir(), 'webex-cdr-keyring-'))
  const address = `unix:path=${join(folder, 'bus')}`
  const env = {
    HOME: folder,
    XDG_DATA_HOME: folder,
    XDG_RUNTIME_DIR: folder,
    DBUS_SESSION_BUS_ADDRESS: address
  }
  const { PATH } = process.env
  if (prompter) replacePrompter(folder)
  const shell = spawn('sh', ['-c', SCRIPT], {
    env: { PATH, ...env },
    detached: true,
    stdio: ['pipe', 'pipe', 'ignore']
  })
  const ended = once(shell, 'close')
  const stop = async () => {
    shell.stdin.end()
    await ended
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
  }
  const lock = () => {
    execFileSync('dbus-send', LOCK, { env: { PATH, ...env } })
  }
  try {
    const lines = createInterface(shell.stdout)
    const [line] = await Promise.race([once(lines, 'line'), once(lines, 'close')])
    if (!line) throw new Error('gnome-keyring-daemon did not start')
    if (!unlocked) lock()
    return { env, address, daemon: Number(line), lock, stop }
  } catch (error) {
    await stop()
    throw error
  }
}

/** A suite that needs one. */
export function keyringSuite(name: string, tests: () => void): void {
  if (required('gnome-keyring-daemon, dbus-daemon or dbus-send', isInstalled())) describe(name, tests)
  else describe.skip(`${name} (no gnome-keyring-daemon, dbus-daemon or dbus-send here)`, tests)
}

function isInstalled(): boolean {
  try {
    execFileSync('sh', [
      '-c',
      'command -v gnome-keyring-daemon && command -v dbus-daemon && command -v dbus-send'
    ])
    return true
  } catch {
    return false
  }
}

/** In the folder that D-Bus searches before the system's. */
function replacePrompter(folder: string): void {
  const name = 'org.gnome.keyring.SystemPrompter'
  const services = join(folder, 'dbus-1', 'services')
  mkdirSync(services, { recursive: true })
  writeFileSync(join(services, `${name}.service`), `[D-BUS Service]\nName=${name}\nExec=/bin/sleep 600\n`)
}

/**
 * Ends with the process that holds its standard input, however that one ends, and takes its whole process group
 * along: what D-Bus has started, too. Prints the process id when the keyring is open.
 */
const SCRIPT = `
exec 3<&0
(cat <&3; kill -KILL 0) >/dev/null &
dbus-daemon --session --address="$DBUS_SESSION_BUS_ADDRESS" --nofork --nopidfile >/dev/null &
soon() { for try in $(seq 400); do "$@" && return; sleep 0.05; done; kill -KILL 0; }
soon test -S "$XDG_RUNTIME_DIR/bus"
printf password | gnome-keyring-daemon --unlock --foreground --components=secrets >/dev/null &
daemon=$!
owned() { dbus-send --print-reply --dest=org.freedesktop.DBus / org.freedesktop.DBus.NameHasOwner string:org.freedesktop.secrets | grep -q true; }
open() { dbus-send --print-reply --dest=org.freedesktop.secrets /org/freedesktop/secrets org.freedesktop.Secret.Service.ReadAlias string:default | grep -q collection; }
soon owned
soon open
echo $daemon
wait
`

const LOCK = [
  '--print-reply',
  '--dest=org.freedesktop.secrets',
  '/org/freedesktop/secrets',
  'org.freedesktop.Secret.Service.Lock',
  'array:objpath:/org/freedesktop/secrets/collection/login'
]
