export interface Credentials {
  clientId: string
  clientSecret: string
  refreshToken: string
}

/** Where the OAuth credentials live. */
export interface SecretStore {
  read(): Promise<Credentials>
  /** Replaces the refresh token; called before the access token that came with it is used. */
  keepRefreshToken(refreshToken: string): Promise<void>
}
