import { X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import tls from 'node:tls'
import { ConfigurationError } from '../errors.js'

/** Of Node.js 22.15 and newer. */
type GetCertificates = (type: 'default' | 'system') => string[]

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g

/**
 * Whose certificates are believed: those of Node.js's own list, of the system's store where this Node.js can read it, and
 * of the file.
 * @param file WEBEX_CA_FILE
 * @returns undefined leaves it to Node.js
 * @throws ConfigurationError when the file has no certificate
 */
export function trustIn(file: string | undefined): tls.SecureContext | undefined {
  const authorities = authoritiesWith(file)
  return authorities && tls.createSecureContext({ ca: authorities })
}

/** PEM. */
function authoritiesWith(file: string | undefined): string[] | undefined {
  const { getCACertificates } = tls as { getCACertificates?: GetCertificates }
  const own = file === undefined ? [] : certificatesOf(file)
  if (getCACertificates) return [...getCACertificates('default'), ...getCACertificates('system'), ...own]
  // A list of ours stands in the place of Node's, NODE_EXTRA_CA_CERTS with it.
  return own.length > 0 ? [...tls.rootCertificates, ...extraCertificates(), ...own] : undefined
}

function certificatesOf(file: string): string[] {
  let content: Buffer
  try {
    content = readFileSync(file)
  } catch (error) {
    throw new ConfigurationError(
      `WEBEX_CA_FILE names ${file}, which cannot be read (${(error as NodeJS.ErrnoException).code}): set it to the path of your company’s CA certificate (PEM or DER)`
    )
  }
  const found = content.toString('latin1').match(CERTIFICATE) ?? [content]
  try {
    return found.map((certificate) => new X509Certificate(certificate).toString())
  } catch {
    throw new ConfigurationError(
      `WEBEX_CA_FILE names ${file}, which is not a PEM or DER certificate: export the CA certificate again, as “Base-64 encoded X.509”`
    )
  }
}

/** Node.js warns by itself of a file that it cannot read. */
function extraCertificates(): string[] {
  const { NODE_EXTRA_CA_CERTS } = process.env
  if (!NODE_EXTRA_CA_CERTS) return []
  try {
    return readFileSync(NODE_EXTRA_CA_CERTS, 'latin1').match(CERTIFICATE) ?? []
  } catch {
    return []
  }
}
