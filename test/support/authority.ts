import 'reflect-metadata'
import { webcrypto } from 'node:crypto'
import * as x509 from '@peculiar/x509'

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }
const DAY = 86_400_000

/** A certificate with its key, as node:tls takes them. */
export interface Identity {
  cert: string
  key: string
}

/** An authority as a company has one for its TLS inspection. */
export interface Authority {
  /** Its certificate. */
  pem: string
  der: Buffer
  /** @param validity in days from now; the default is from yesterday to tomorrow */
  sign(host: string, validity?: [from: number, to: number]): Promise<Identity>
}

export async function createAuthority(organisation: string): Promise<Authority> {
  const keys = await newKeys()
  const root = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: '01',
    name: [{ O: [organisation] }, { CN: [`${organisation} Root`] }],
    notBefore: new Date(Date.now() - 365 * DAY),
    notAfter: new Date(Date.now() + 365 * DAY),
    signingAlgorithm: ALGORITHM,
    keys,
    extensions: [
      new x509.BasicConstraintsExtension(true, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true)
    ]
  })
  return {
    pem: root.toString('pem'),
    der: Buffer.from(root.rawData),
    async sign(host, [from, to] = [-1, 1]) {
      const own = await newKeys()
      const certificate = await x509.X509CertificateGenerator.create({
        serialNumber: Date.now().toString(16).padStart(12, '0'),
        subject: [{ CN: [host] }],
        issuer: root.subject,
        notBefore: new Date(Date.now() + from * DAY),
        notAfter: new Date(Date.now() + to * DAY),
        signingAlgorithm: ALGORITHM,
        publicKey: own.publicKey,
        signingKey: keys.privateKey,
        extensions: [
          new x509.SubjectAlternativeNameExtension([
            { type: /^[\d.]+$/.test(host) ? 'ip' : 'dns', value: host }
          ])
        ]
      })
      const key = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', own.privateKey))
      return {
        cert: `${certificate.toString('pem')}\n${root.toString('pem')}\n`,
        key: `-----BEGIN PRIVATE KEY-----\n${key.toString('base64')}\n-----END PRIVATE KEY-----\n`
      }
    }
  }
}

function newKeys(): Promise<webcrypto.CryptoKeyPair> {
  return webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify'])
}
