import type { Log } from '../log.js'
import type { Credentials, SecretStore } from './secret-store.js'

/** Credentials from environment variables. They cannot be written back: a new refresh token lasts for this run only. */
export class EnvironmentStore implements SecretStore {
  private warned = false

  constructor(
    private readonly credentials: Credentials,
    private readonly log: Log
  ) {}

  async read(): Promise<Credentials> {
    return this.credentials
  }

  async keepRefreshToken(refreshToken: string): Promise<void> {
    this.credentials.refreshToken = refreshToken
    if (this.warned) return
    this.warned = true
    this.log.warn(
      'Webex returned a new refresh token, and WEBEX_REFRESH_TOKEN came from the environment, where it cannot be kept: if a later run is refused, authorise again'
    )
  }
}
