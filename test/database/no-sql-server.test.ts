import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { cli, type Ended } from '../support/cli.js'
import {
  type Answer,
  LOGGED_IN,
  NOTHING,
  PRELOGIN,
  PRELOGIN_TLS,
  packet,
  startAnswering
} from '../support/fake-tds.js'
import { HURRIED } from '../support/hurried.js'

/** Of the packet that a client begins with. */
const PRELOGIN_TYPE = 0x12

/** What others than SQL Server send: as soon as somebody connects, and message by message. */
const OTHERS: [who: string, greeting: string | Buffer, answers: Answer[], says: RegExp][] = [
  ['an HTTP server', '', [end('HTTP/1.1 400 Bad Request\r\n\r\n')], /closed the connection/],
  ['MySQL', hex('4a0000000a382e302e3336000c000000'), [], /not SQL Server/],
  ['PostgreSQL', '', [end('E\0\0\0\x2eSFATAL\0unsupported frontend protocol\0\0')], /not SQL Server/],
  ['a TLS server', '', [end(hex('15030100020246'))], /closed the connection/],
  ['one that hangs up on the handshake', '', [PRELOGIN_TLS, end('')], /not SQL Server|closed the connection/],
  ['one that hangs up on the login', '', [PRELOGIN, end('')], /closed the connection/],
  ['bytes in place of a prelogin', '', [packet(hex('00112233'))], /not SQL Server/],
  ['a prelogin of nothing', '', [packet('')], /not SQL Server/],
  ['text in place of a login', '', [PRELOGIN, packet('HTTP/1.1 400 Bad Request')], /not SQL Server/],
  ['half a token', '', [PRELOGIN, packet(hex('aaff000102'))], /not SQL Server/],
  ['a row in place of a login', '', [PRELOGIN, packet(hex('d1000000'))], /not SQL Server/],
  ['text behind the login', '', [PRELOGIN, LOGGED_IN, packet('220 mail ESMTP')], /not SQL Server/]
]

/** What the driver waits for in vain. */
const SILENT: typeof OTHERS = [
  ['an SSH server', 'SSH-2.0-OpenSSH_9.6\r\n', [], /another service may be listening there/],
  ['text in place of results', '', [PRELOGIN, LOGGED_IN, NOTHING, packet('text')], /cannot be reached/],
  ['a prelogin that never ends', '', [packet('text', 0)], /not SQL Server/],
  ['a login that never ends', '', [PRELOGIN, packet(hex('aa'), 0)], /not SQL Server/]
]

const IS_TOLD = '%s on that port is told in one line, and the process ends'

async function expectTold([_, greeting, answers, says]: (typeof OTHERS)[number], env?: NodeJS.ProcessEnv) {
  const port = await startAnswering(
    () => answers,
    (socket) => void (greeting && socket.write(greeting))
  )
  const options = answers.includes(PRELOGIN) ? '?encrypt=false' : ''
  const { code, stdout, stderr } = await stats(port, options, 'localhost', env)
  expect(stderr).toMatch(/^webex-cdr: SQL Server database calls on localhost:\d+ cannot be reached: .*\n$/)
  expect(stderr).toMatch(says)
  expect(stderr).not.toContain('s3cret')
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
}

test.each(OTHERS)(IS_TOLD, (...other) => expectTold(other))

test.concurrent.each(SILENT)(IS_TOLD, (...other) => expectTold(other, HURRIED))

test('an IP address as the host gives no warning of Node.js', async () => {
  const port = await startAnswering(() => [PRELOGIN_TLS, end('')])
  const { stderr } = await stats(port, '', '127.0.0.1')
  expect(stderr).toMatch(/^webex-cdr: SQL Server database calls on 127\.0\.0\.1:\d+ cannot be reached: .*\n$/)
})

test('no password goes to a server that says it has no TLS', async () => {
  const heard: Buffer[] = []
  const port = await startAnswering(
    () => [PRELOGIN],
    (socket) => void socket.on('data', (message) => heard.push(message))
  )
  const { stderr } = await stats(port)
  expect(stderr).toMatch(/^webex-cdr: .* does not encrypt, so it was not sent the password; wrong TLS: .*\n$/)
  expect(heard.map((message) => message[0])).toEqual([PRELOGIN_TYPE])
})

const folder = mkdtempSync(join(tmpdir(), 'webex-cdr-'))
afterAll(() => rmSync(folder, { recursive: true }))

function stats(port: number, options = '', host = 'localhost', env: NodeJS.ProcessEnv = {}): Promise<Ended> {
  const DATABASE_URL = `mssql://u:s3cret@${host}:${port}/calls${options}`
  return cli(['stats'], { ...env, DATABASE_URL }, folder)
}

function end(text: string | Buffer): Answer {
  return (socket) => void socket.end(text)
}

function hex(text: string): Buffer {
  return Buffer.from(text, 'hex')
}
