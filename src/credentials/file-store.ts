import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import { readFileSync, rmSync, statSync } from 'node:fs'
import { z } from 'zod'
import { ConfigurationError, messageOf } from '../errors.js'
import { decodeText } from '../read-text.js'
import { replaceFile, targetOf } from '../replace-file.js'
import type { SecretKey } from './secret-key.js'
import { type SecretName, type SecretStore, SecretStoreError } from './secret-store.js'

const VERSION = 1
const CIPHER = 'aes-256-gcm'
const IV_BYTES = 12
const TAG_BYTES = 16
/** Authenticated with the data, so that neither can be changed. */
const HEADER = Buffer.from(`${VERSION} ${CIPHER}`)

const START_ANEW = 'restore it from a backup, or delete it and run `npm run setup` again'

const bytes = (length?: number) =>
  z
    .base64()
    .transform((text) => Buffer.from(text, 'base64'))
    .refine((buffer) => length === undefined || buffer.length === length)

const envelope = z.strictObject({
  version: z.literal(VERSION),
  cipher: z.literal(CIPHER),
  iv: bytes(IV_BYTES),
  tag: bytes(TAG_BYTES),
  data: bytes()
})
type Envelope = z.infer<typeof envelope>

/** By name; another version's names are kept. */
const secrets = z.record(z.string(), z.string())
type Secrets = z.infer<typeof secrets>

/** All secrets in one file, sealed by AES-256-GCM with a key that lies elsewhere. */
export class FileStore implements SecretStore {
  readonly place: string

  constructor(
    private readonly path: string,
    private readonly key: SecretKey
  ) {
    this.place = `encrypted file ${path}, key from ${key.origin}`
  }

  async read(name: SecretName): Promise<string | undefined> {
    return this.open()[name]
  }

  // From the reading to the renaming nothing is awaited: two writers in one process cannot undo each other's work.
  async write(name: SecretName, value: string): Promise<void> {
    await this.writeAll({ [name]: value })
  }

  async writeAll(values: Secrets): Promise<void> {
    this.replace({ ...this.open(), ...values })
  }

  async remove(name: SecretName): Promise<boolean> {
    const { [name]: removed, ...rest } = this.open()
    if (removed === undefined) return false
    // Without secrets there is no file, and the next one may have another key.
    if (Object.keys(rest).length === 0) this.change(() => rmSync(targetOf(this.path)))
    else this.replace(rest)
    return true
  }

  /** Empty where there is no file. */
  private open(): Secrets {
    const text = this.readText()
    if (text === undefined) return {}
    const sealed = parse(envelope, text) ?? this.fail('this version does not know its format', START_ANEW)
    const plain =
      unseal(sealed, this.key.bytes) ??
      this.fail('it cannot be decrypted', `is it the right key? If so, the file was changed: ${START_ANEW}`)
    return (
      parse(secrets, plain) ?? this.fail('this version does not know the format of its contents', START_ANEW)
    )
  }

  private readText(): string | undefined {
    try {
      if (statSync(this.path).isFile()) return decodeText(readFileSync(this.path), 'it')
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
      if (error instanceof ConfigurationError) return this.fail('it is not a text file', START_ANEW)
      return this.fail(messageOf(error), 'this user needs read access to it')
    }
    return this.fail('it is not a file', 'choose another path with `npm run setup`')
  }

  private replace(all: Secrets): void {
    this.change(() => replaceFile(this.path, `${seal(JSON.stringify(all), this.key.bytes)}\n`, true))
  }

  private change(how: () => void): void {
    try {
      how()
    } catch (error) {
      this.fail(messageOf(error), 'its folder must exist and be writable by this user')
    }
  }

  private fail(fault: string, remedy: string): never {
    throw new SecretStoreError(`${this.place}: ${fault}; ${remedy}`)
  }
}

function seal(plain: string, key: Buffer): string {
  const iv = randomBytes(IV_BYTES)
  const cipher = createCipheriv(CIPHER, key, iv, { authTagLength: TAG_BYTES }).setAAD(HEADER)
  const data = Buffer.concat([cipher.update(plain, 'utf8'), cipher.final()])
  return JSON.stringify({
    version: VERSION,
    cipher: CIPHER,
    iv: iv.toString('base64'),
    tag: cipher.getAuthTag().toString('base64'),
    data: data.toString('base64')
  })
}

/** undefined where the key is another one, or anything was changed. */
function unseal({ iv, tag, data }: Envelope, key: Buffer): string | undefined {
  const decipher = createDecipheriv(CIPHER, key, iv, { authTagLength: TAG_BYTES }).setAAD(HEADER)
  try {
    return Buffer.concat([decipher.setAuthTag(tag).update(data), decipher.final()]).toString('utf8')
  } catch {
    return undefined
  }
}

/** undefined where it is no JSON of this shape. What a parser says of it may repeat it, and is left out. */
function parse<T>(schema: z.ZodType<T>, text: string): T | undefined {
  try {
    return schema.safeParse(JSON.parse(text)).data
  } catch {
    return undefined
  }
}
