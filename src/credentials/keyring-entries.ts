import { spawn } from 'node:child_process'
import { createRequire } from 'node:module'
import { text as readAll } from 'node:stream/consumers'
import { explainFailure, explainSilence, firstLine, keyringPlace, LEAVE } from './keyring-platform.js'
import { SecretStoreError } from './secret-store.js'

/** The keyring cannot be opened from here. */
export class KeyringError extends SecretStoreError {
  /** @param opening what is wrong and how to open it, without the ways to do without it */
  constructor(readonly opening: string) {
    super(`${opening}; or ${LEAVE}`)
  }
}

/** The entries of one service in the keyring, by account. What goes wrong is a SecretStoreError. */
export class KeyringEntries {
  readonly place: string

  /** @param timeout of one call, in ms */
  constructor(
    private readonly service: string,
    private readonly timeout: number
  ) {
    this.place = keyringPlace(service)
  }

  async get(account: string): Promise<string | undefined> {
    return (await this.call<string | null>(account, 'read from', 'getPassword')) ?? undefined
  }

  async set(account: string, text: string): Promise<void> {
    await this.call(account, 'written to', 'setPassword', text)
  }

  /** @returns whether there was one */
  remove(account: string): Promise<boolean> {
    return this.call<boolean>(account, 'removed from', 'deletePassword')
  }

  private async call<T>(account: string, verb: string, method: string, text?: string): Promise<T> {
    const fault = `${account} cannot be ${verb} the ${this.place}`
    const answer = await callNative({ service: this.service, account, method, text }, this.timeout)
    if ('value' in answer) return answer.value as T
    if ('silent' in answer) throw new KeyringError(`${fault}: ${explainSilence(this.timeout)}`)
    if ('missing' in answer) {
      throw new SecretStoreError(
        `the module @napi-rs/keyring cannot be loaded (${firstLine(answer.missing)}); run \`npm ci --include=optional\`, or choose another store with \`npm run setup\``
      )
    }
    throw new KeyringError(`${fault}: ${explainFailure(answer.error)}`)
  }
}

interface NativeCall {
  service: string
  account: string
  method: string
  text: string | undefined
}

type Answer = { value: unknown } | { error: string } | { missing: string } | { silent: true }

/**
 * One call in a process of its own. A call that waits for somebody to unlock the keyring cannot be called off, and
 * Node.js does not even exit before it has come back: a process can be killed, and kills itself when this one is gone.
 */
async function callNative(call: NativeCall, timeout: number): Promise<Answer> {
  const native = createRequire(import.meta.url).resolve('@napi-rs/keyring')
  const child = spawn(process.execPath, ['--eval', SCRIPT, native], {
    stdio: ['pipe', 'pipe', 'ignore'],
    windowsHide: true
  })
  const failed = new Promise<Answer>((resolve) => {
    child.on('error', ({ message }) => resolve({ error: message }))
  })
  let silent = false
  const timer = setTimeout(() => {
    silent = true
    child.kill('SIGKILL')
  }, timeout)
  // A child that is gone closes its end: what became of the call is in its answer.
  child.stdin.on('error', () => {}).write(`${JSON.stringify(call)}\n`)
  const said = await Promise.race([failed, readAll(child.stdout)])
  clearTimeout(timer)
  if (typeof said !== 'string') return said
  try {
    return JSON.parse(said)
  } catch {
    // It was killed before it had said all, and what JSON.parse says would repeat some of it.
    return silent ? { silent } : { error: 'the native module crashed' }
  }
}

/** The store is named, as it would fall back to the kernel's keyring otherwise, which is empty after a reboot. */
const SCRIPT = `
  const { createInterface } = require('node:readline')
  const answer = async ({ service, account, method, text }) => {
    let keyring
    try { keyring = require(process.argv[1]) } catch ({ message }) { return { missing: message } }
    try {
      const entry = new keyring.AsyncEntry(service, account, { linux: { store: 'secret-service' } })
      return { value: await entry[method](...(text === undefined ? [] : [text])) ?? null }
    } catch ({ message }) { return { error: String(message) } }
  }
  createInterface(process.stdin)
    .once('line', async (call) => {
      process.stdout.write(JSON.stringify(await answer(JSON.parse(call))), () => process.exit())
    })
    .once('close', () => process.kill(process.pid, 'SIGKILL'))
`
