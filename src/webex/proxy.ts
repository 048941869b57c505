import { getProxyForUrl } from 'proxy-from-env'
import { isLoopback } from '../config/loopback.js'
import { ConfigurationError } from '../errors.js'

/** The HTTP proxy that a request goes through, by CONNECT. */
export interface HttpProxy {
  /** With user and password, percent-encoded. */
  url: URL
  /** For people, without user and password: “the proxy proxy.example.com:3128 (HTTPS_PROXY)”. */
  name: string
  /** The environment variable that names it. */
  variable: string
}

/** In the order in which curl and proxy-from-env read them. */
const VARIABLES = ['https_proxy', 'HTTPS_PROXY', 'all_proxy', 'ALL_PROXY']
const FORM = 'http://proxy.example.com:3128 or http://user:password@proxy.example.com:3128'

/**
 * The proxy for a URL by HTTPS_PROXY, ALL_PROXY and NO_PROXY; undefined where it is reached directly, as this machine
 * itself always is: a proxy would carry the secrets of a loopback request over the network in clear text.
 * @throws ConfigurationError that names the variable, never its value, which may hold a password
 */
export function proxyFor(url: string): HttpProxy | undefined {
  const { protocol, hostname } = new URL(url)
  if (protocol !== 'https:' || isLoopback(hostname) || !getProxyForUrl(url)) return undefined
  const variable = VARIABLES.find((name) => process.env[name])
  if (!variable) return undefined
  return parseProxy(process.env[variable] ?? '', variable)
}

function parseProxy(value: string, variable: string): HttpProxy {
  const text = value.trim()
  // curl takes a proxy without a scheme for http.
  const withScheme = /^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `http://${text}`
  // A % that encodes nothing stands for itself, as with curl.
  const url = parseUrl(withScheme.replace(/%(?![0-9a-f]{2})/gi, '%25'))
  if (!url) {
    throw new ConfigurationError(
      `${variable} is not a proxy URL: use ${FORM}, with characters such as @ : / ? # % of user and password percent-encoded (@ is %40, ü is %C3%BC)`
    )
  }
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    throw new ConfigurationError(
      `${variable} names a ${url.protocol.slice(0, -1)} proxy, which is not supported: use ${FORM}`
    )
  }
  const port = url.port || (url.protocol === 'https:' ? '443' : '80')
  return { url, name: `the proxy ${url.hostname}:${port} (${variable})`, variable }
}

/** undefined where something of it would be left over, as of a password with a # in it, or cannot be decoded. */
function parseUrl(text: string): URL | undefined {
  if (/\s/.test(text) || !URL.canParse(text)) return undefined
  const url = new URL(text)
  const isWhole = url.pathname.length <= 1 && !url.search && !url.hash
  return url.hostname && isWhole && isUtf8(url.username) && isUtf8(url.password) ? url : undefined
}

/** The library that sends the login decodes it so. */
function isUtf8(encoded: string): boolean {
  try {
    decodeURIComponent(encoded)
    return true
  } catch {
    return false
  }
}
