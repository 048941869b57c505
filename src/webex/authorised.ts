import type { Log } from '../log.js'
import type { AccessToken } from './access-token.js'
import type { Http, HttpRequest } from './http.js'
import type { ServiceResponse } from './response.js'

export interface AuthorisedTools {
  http: Http
  token: AccessToken
  log: Log
}

/**
 * A request with the access token, which is asked for anew where the service does not take it any more.
 * @param file where the body of a 200 goes
 */
export async function authorised(
  { http, token, log }: AuthorisedTools,
  config: HttpRequest,
  file?: string
): Promise<ServiceResponse> {
  const ask = async () => {
    const headers = { ...config.headers, Authorization: `Bearer ${await token.get()}` }
    return file === undefined
      ? http.request({ ...config, headers })
      : http.download({ ...config, headers }, file)
  }
  const response = await ask()
  if (response.status !== 401) return response
  log.info('the access token was rejected (401); refreshing it')
  token.discard()
  return ask()
}
