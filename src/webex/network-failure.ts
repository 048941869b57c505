import { ConfigurationError, WrongClockError } from '../errors.js'
import { NoTunnelError, type ProxyAnswer, type TlsError } from './connection.js'
import type { HttpProxy } from './proxy.js'
import { clean, Redaction } from './redaction.js'

/** Who answered in the service's place has a certificate of an authority that is not trusted here. */
export class UntrustedAuthorityError extends ConfigurationError {}

/** What went wrong on the way to the service. */
export interface NetworkFailure {
  /** What is wrong, in words. */
  text: string
  /** For what no other attempt mends: the error that it is, and what to do. */
  lasting?: { kind: typeof ConfigurationError; remedy: string }
}

/** The way that a request took. */
export interface Way {
  host: string
  proxy: HttpProxy | undefined
  /** What the proxy answered to CONNECT. */
  answer: ProxyAnswer | undefined
}

/** Of OpenSSL, as Node.js tells them: nobody who is trusted has signed the certificate. */
const UNTRUSTED = [
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'CERT_UNTRUSTED',
  'CERT_SIGNATURE_FAILURE',
  'INVALID_CA'
]
const OUT_OF_DATE = ['CERT_HAS_EXPIRED', 'CERT_NOT_YET_VALID']
const OTHER_NAME = 'ERR_TLS_CERT_ALTNAME_INVALID'

/** @param error as Node.js or the agent threw it, without axios around it */
export function networkFailure(error: Error, way: Way): NetworkFailure {
  if (way.proxy && error instanceof NoTunnelError) {
    return way.answer
      ? refusedTunnel(way.proxy, way.answer, way.host)
      : noAnswer(way.proxy, error.cause as TlsError)
  }
  const through = way.proxy ? ` through ${way.proxy.name}` : ''
  const failure = tlsFailure(error, way.host)
  return failure ? { ...failure, text: failure.text + through } : { text: `${sayError(error)}${through}` }
}

/** What the proxy said in place of 200 (RFC 9110 §9.3.6). */
function refusedTunnel(
  proxy: HttpProxy,
  { statusCode, statusText, headers }: ProxyAnswer,
  host: string
): NetworkFailure {
  const { name, variable, url } = proxy
  const redaction = loginOf(proxy)
  const lasting = (remedy: string) => ({ kind: ConfigurationError, remedy })
  if (Number.isNaN(statusCode)) {
    return { text: `${name} did not answer in HTTP`, lasting: lasting(`check its address in ${variable}`) }
  }
  const text = `${name} answered ${statusCode}${statusText ? ` ${redaction.clean(statusText)}` : ''} and refuses to connect to ${host}`
  if (statusCode >= 500) return { text }
  if (statusCode !== 407) {
    return {
      text,
      lasting: lasting(
        `have the proxy allow ${host} (docs/SECURITY.md lists all hosts), or check ${variable}`
      )
    }
  }
  const schemes = schemesOf([headers['proxy-authenticate'] ?? []].flat())
  if (schemes.length > 0 && !schemes.some((scheme) => /^basic$/i.test(scheme))) {
    return {
      text,
      lasting: lasting(
        `it accepts only ${redaction.clean(schemes.join(', '))} authentication, and this program supports only Basic: have the proxy allow ${host} without authentication, or point ${variable} to a local proxy that authenticates (Px, Cntlm)`
      )
    }
  }
  return {
    text,
    lasting: lasting(
      url.username
        ? `it does not accept the user and password in ${variable}: check them; special characters must be percent-encoded`
        : `it requires authentication: set ${variable}=http://user:password@${url.host}`
    )
  }
}

/** The login that the proxy was sent, and may repeat. */
function loginOf({ url }: HttpProxy): Redaction {
  const [user, password] = [url.username, url.password].map(decodeURIComponent)
  const redaction = new Redaction()
  for (const secret of [password ?? '', Buffer.from(`${user}:${password}`).toString('base64')]) {
    redaction.conceal(secret)
  }
  return redaction
}

/** Of challenges, of which a header may have several, with parameters such as realm="a, b" (RFC 9110 §11.6.1). */
function schemesOf(challenges: string[]): string[] {
  const parts = challenges.flatMap((text) => text.replace(/"(\\.|[^"\\])*"/g, '""').split(','))
  return parts.flatMap((part) => /^\s*([^\s=]+)(?:\s|$)(?!\s*=)/.exec(part)?.[1] ?? [])
}

function noAnswer({ name, variable, url }: HttpProxy, cause: TlsError): NetworkFailure {
  if (url.protocol === 'https:') {
    if (isNoTls(cause)) {
      return {
        text: `${name} does not use TLS`,
        lasting: { kind: ConfigurationError, remedy: `use http:// in ${variable}` }
      }
    }
    const failure = tlsFailure(cause, name)
    if (failure) return failure
  }
  return { text: `${name} cannot be used: ${sayError(cause)}` }
}

/** undefined for what is no fault of TLS. */
function tlsFailure(error: TlsError, host: string): NetworkFailure | undefined {
  const { code = '', issuer } = error
  if (UNTRUSTED.includes(code)) {
    return {
      text: `the certificate of ${host} is signed by ${issuer ? `“${clean(issuer)}”` : 'an unknown CA'}, which is not trusted (${code})`,
      lasting: {
        kind: UntrustedAuthorityError,
        remedy:
          'if that is your company’s TLS inspection, set WEBEX_CA_FILE to its CA certificate (docs/SECURITY.md)'
      }
    }
  }
  if (OUT_OF_DATE.includes(code)) {
    return {
      text: `the certificate of ${host} is not valid at ${new Date().toISOString()}, the time of this machine (${code})`,
      lasting: {
        kind: WrongClockError,
        remedy: 'synchronise the clock with NTP; if it is right, ask your network team'
      }
    }
  }
  if (code === OTHER_NAME) {
    return {
      text: `the server that answered for ${host} has the certificate of another host (${sayError(error)})`,
      lasting: {
        kind: ConfigurationError,
        remedy: 'check the URL, and whether a firewall or sign-in page intercepts the connection'
      }
    }
  }
  return isNoTls(error)
    ? { text: `the server that answered for ${host} does not use TLS (${code})` }
    : undefined
}

/** OpenSSL's own words have numbers and the names of its functions. */
function isNoTls({ code = '' }: TlsError): boolean {
  return code === 'EPROTO' || code.startsWith('ERR_SSL_')
}

function sayError({ message = '', code }: TlsError): string {
  const text = clean(message) || 'the connection failed'
  return code && !text.includes(code) ? `${text} (${code})` : text
}
