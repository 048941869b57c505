import { randomBytes } from 'node:crypto'
import { KeyringEntries } from './keyring-entries.js'
import { type SecretName, type SecretStore, SecretStoreError } from './secret-store.js'

/** UTF-16 units of an entry. Windows Credential Manager takes 1,280 (CRED_MAX_CREDENTIAL_BLOB_SIZE is 2,560 bytes). */
const LONGEST = 1_000

/** The entry of a secret in parts: their id and how many there are. */
const HEAD = /^webex-cdr-parts ([0-9a-f]{16}) (\d{1,6})$/

/**
 * Secrets in the keyring of the desktop: one entry a secret, its name as the account. A long one is in parts, in
 * entries `<name>.<id>.<number>`, and the entry of its name is their head. As each write has an id of its own, the old
 * value is there until the head names the new one.
 */
export class KeyringStore implements SecretStore {
  readonly place: string
  private readonly entries: KeyringEntries

  /** @param timeout of one call to the keyring, in ms */
  constructor(service: string, timeout = 5_000) {
    this.entries = new KeyringEntries(service, timeout)
    this.place = this.entries.place
  }

  async read(name: SecretName): Promise<string | undefined> {
    const text = await this.entries.get(name)
    if (text === undefined || !HEAD.test(text)) return text
    const parts = []
    for (const account of partsOf(name, text)) {
      const part = await this.entries.get(account)
      if (part === undefined) return this.readAgain(name, text)
      parts.push(part)
    }
    return parts.join('')
  }

  async write(name: SecretName, value: string): Promise<void> {
    const old = await this.entries.get(name)
    await this.entries.set(name, await this.entryOf(name, value))
    await this.removeParts(name, old)
  }

  async remove(name: SecretName): Promise<boolean> {
    // The head last: until then it tells which parts are still to be removed.
    await this.removeParts(name, await this.entries.get(name))
    return this.entries.remove(name)
  }

  /** The value, or the head of its parts, which are stored then. */
  private async entryOf(name: SecretName, value: string): Promise<string> {
    if (value.length <= LONGEST && !HEAD.test(value)) return value
    const parts = split(value)
    const head = `webex-cdr-parts ${randomBytes(8).toString('hex')} ${parts.length}`
    for (const [n, account] of partsOf(name, head).entries()) await this.entries.set(account, parts[n]!)
    return head
  }

  /** A part is missing: another process has replaced the value meanwhile, or somebody has removed it. */
  private async readAgain(name: SecretName, head: string): Promise<string | undefined> {
    if ((await this.entries.get(name)) !== head) return this.read(name)
    throw new SecretStoreError(`the ${name} in the ${this.place} is incomplete; run \`npm run setup\` again`)
  }

  private async removeParts(name: SecretName, head = ''): Promise<void> {
    for (const account of partsOf(name, head)) await this.entries.remove(account)
  }
}

/** The accounts of the parts that a head names; none where it is no head. */
function partsOf(name: SecretName, head: string): string[] {
  const [, id, count = 0] = HEAD.exec(head) ?? []
  return Array.from({ length: Number(count) }, (_, n) => `${name}.${id}.${n}`)
}

/** Never within a pair of surrogates, whose halves are no text of their own. */
function split(value: string): string[] {
  const parts = []
  for (let start = 0; start < value.length; ) {
    let end = Math.min(start + LONGEST, value.length)
    if (end < value.length && /^[\uD800-\uDBFF]$/.test(value.charAt(end - 1))) end -= 1
    parts.push(value.slice(start, end))
    start = end
  }
  return parts
}
