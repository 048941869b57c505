import { EnvironmentStore } from '../credentials/environment-store.js'
import type { SecretName, SecretStore } from '../credentials/secret-store.js'

/** Secrets that setup is trying out: what is given now stands above what is stored. */
export class DraftStore implements SecretStore {
  readonly place = 'this setup'
  private readonly values = new Map<SecretName, string>()

  /** @param stored undefined where there is none yet */
  constructor(private readonly stored: SecretStore | undefined) {}

  give(name: SecretName, value: string): void {
    this.values.set(name, value)
  }

  async read(name: SecretName): Promise<string | undefined> {
    return this.values.get(name) ?? (await this.stored?.read(name))
  }

  /**
   * The successor of a stored refresh token, given once more or not, is stored at once, whatever becomes of this
   * setup: the old one may be dead. That of another one is not: it may be of another organisation.
   */
  async write(name: SecretName, value: string): Promise<void> {
    const kept = this.stored instanceof EnvironmentStore ? undefined : this.stored
    const given = this.values.get(name)
    if (kept && (given === undefined || given === (await kept.read(name)))) await kept.write(name, value)
    if (!kept || given !== undefined) this.values.set(name, value)
  }

  async remove(name: SecretName): Promise<boolean> {
    return this.values.delete(name)
  }
}
