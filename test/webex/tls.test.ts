import { once } from 'node:events'
import { createServer, type Server } from 'node:https'
import type { AddressInfo } from 'node:net'
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { ConfigurationError } from '../../src/errors.js'
import { UntrustedAuthorityError } from '../../src/webex/network-failure.js'
import { type Authority, createAuthority, type Identity } from '../support/authority.js'
import { authorityFile } from '../support/authority-file.js'
import { testHttp } from '../support/client.js'

let authority: Authority
beforeAll(async () => {
  authority = await createAuthority('Example Corp\u001b[31m')
})

/** A service on this machine with such a certificate. */
async function serve(identity: Identity): Promise<{ url: string; connections: () => number }> {
  const server: Server = createServer(identity, (_, response) => response.end('{"items":[]}'))
  let connections = 0
  server.on('connection', () => {
    connections += 1
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const { port } = server.address() as AddressInfo
  return { url: `https://localhost:${port}/v1/people`, connections: () => connections }
}

async function failure(url: string, caFile?: string): Promise<{ error: Error; lines: string[] }> {
  const { http, lines } = testHttp({ timeout: 5_000, caFile })
  const error = await http.request({ url }).then(
    () => Promise.reject(new Error('an answer came')),
    (reason) => reason
  )
  return { error, lines }
}

describe('a certificate of an authority that is not trusted', () => {
  test('is one line with who signed it and what to do, after one attempt', async () => {
    const { url, connections } = await serve(await authority.sign('localhost'))
    const { error, lines } = await failure(url)
    expect(error).toBeInstanceOf(UntrustedAuthorityError)
    expect(error.message).toMatch(
      /^GET https:\/\/localhost:\d+\/v1\/people: the certificate of localhost:\d+ is signed by “Example Corp \[31m”, which is not trusted \((SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_\w+)\); if that is your company’s TLS inspection, set WEBEX_CA_FILE to its CA certificate \(docs\/SECURITY\.md\)$/
    )
    expect(lines).toEqual([])
    expect(connections()).toBe(1)
  })

  test.each<[string, () => string | Buffer]>([
    ['PEM', () => authority.pem],
    ['DER', () => authority.der],
    [
      'PEM with CRLF and words around it',
      () => `subject=Corp\r\n${authority.pem.replaceAll('\n', '\r\n')}\r\n`
    ]
  ])('is trusted by a file in %s', async (_, content) => {
    const { url } = await serve(await authority.sign('localhost'))
    const { http } = testHttp({ timeout: 5_000, caFile: authorityFile(content()) })
    expect((await http.request({ url })).status).toBe(200)
  })

  test('is trusted by a file with several', async () => {
    const { url } = await serve(await authority.sign('localhost'))
    const other = await createAuthority('Other')
    const caFile = authorityFile(`${other.pem}\n${authority.pem}\n`)
    expect((await testHttp({ timeout: 5_000, caFile }).http.request({ url })).status).toBe(200)
  })

  test('is not by that of another one', async () => {
    const { url } = await serve(await authority.sign('localhost'))
    const { error } = await failure(url, authorityFile(await createAuthority('Other')))
    expect(error).toBeInstanceOf(UntrustedAuthorityError)
  })
})

describe('other certificates that are no good', () => {
  test.each<[string, [number, number]]>([
    ['CERT_HAS_EXPIRED', [-9, -2]],
    ['CERT_NOT_YET_VALID', [2, 9]]
  ])('%s speaks of the clock', async (code, validity) => {
    const { url, connections } = await serve(await authority.sign('localhost', validity))
    const { error } = await failure(url, authorityFile(authority))
    expect(error).toBeInstanceOf(ConfigurationError)
    expect(error.message).toMatch(
      new RegExp(
        `: the certificate of localhost:\\d+ is not valid at 20\\S+Z, the time of this machine \\(${code}\\); synchronise the clock with NTP`
      )
    )
    expect(connections()).toBe(1)
  })

  test('that of another host', async () => {
    const { url } = await serve(await authority.sign('portal.example.com'))
    const { error } = await failure(url, authorityFile(authority))
    expect(error).toBeInstanceOf(ConfigurationError)
    expect(error.message).toMatch(
      /: the server that answered for localhost:\d+ has the certificate of another host \(.*portal\.example\.com.*\); check the URL, and whether a firewall or sign-in page intercepts the connection$/
    )
  })
})

describe('WEBEX_CA_FILE', () => {
  test.each<[string, () => string, RegExp]>([
    [
      'that is missing',
      () => '/nowhere/ca.pem',
      /^WEBEX_CA_FILE names \/nowhere\/ca\.pem, which cannot be read \(ENOENT\): set it to the path of/
    ],
    ['that is a folder', () => '/tmp', /^WEBEX_CA_FILE names \/tmp, which cannot be read \(EISDIR\)/],
    [
      'without a certificate',
      () => authorityFile('-----BEGIN NOTHING-----'),
      /which is not a PEM or DER certificate: export/
    ],
    [
      'with half of one',
      () => authorityFile(authority.pem.replace(/^MII.*$/m, '')),
      /which is not a PEM or DER certificate/
    ],
    ['that is empty', () => authorityFile(''), /which is not a PEM or DER certificate/]
  ])('%s is one line, before anything is sent', async (_, file, message) => {
    const { url, connections } = await serve(await authority.sign('localhost'))
    const { error } = await failure(url, file())
    expect(error).toBeInstanceOf(ConfigurationError)
    expect(error.message).toMatch(message)
    expect(connections()).toBe(0)
  })
})
