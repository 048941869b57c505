import { expect, onTestFinished, test } from 'vitest'
import { decodeBody, textOf } from '../../src/webex/body.js'
import { inChunks } from '../support/chunks.js'
import { pagesOf, testClient } from '../support/client.js'
import { startHostileServer } from '../support/hostile-server.js'

const NAME = 'Jürgen “Ö”'

test.each<[string, string, Buffer, string]>([
  ['UTF-8', 'application/json', Buffer.from(NAME), NAME],
  ['UTF-8 with a byte order mark', 'application/json;charset=UTF-8', Buffer.from(`\ufeff${NAME}`), NAME],
  [
    'UTF-8, though the header says otherwise',
    'application/json; charset=ISO-8859-1',
    Buffer.from(NAME),
    NAME
  ],
  ['ISO-8859-1', 'application/json; charset=ISO-8859-1', Buffer.from('Jürgen', 'latin1'), 'Jürgen'],
  ['Shift_JIS in quotes', "text/json; charset='shift_jis'", Buffer.from([0x93, 0xfa]), '日'],
  ['UTF-16', 'application/json; charset="utf-16le"', Buffer.from(NAME, 'utf16le'), NAME],
  ['an unknown charset', 'application/json; charset=klingon', Buffer.from(NAME), NAME],
  ['no header', 'undefined', Buffer.from(NAME), NAME]
])('%s is read as it is', (_, contentType, bytes, text) => {
  // A character may be in two chunks.
  for (const size of [1, 2, 3, bytes.length]) {
    const { chunks, fault } = decodeBody(inChunks(bytes, size), contentType)
    expect(textOf(chunks)).toBe(text)
    expect(fault).toBeUndefined()
  }
})

test('bytes that are no text are U+FFFD, and told', () => {
  const { chunks, fault } = decodeBody([Buffer.from([0x41, 0xff])], 'application/json; charset=utf-8')
  expect(textOf(chunks)).toBe('A\ufffd')
  expect(fault).toMatch(/^a response has bytes that are not valid in UTF-8/)
})

test('a page in ISO-8859-1 is read by its charset; one that is no text is told once', async () => {
  const latin1 = Buffer.from('{"items":[{"User":"Jürgen"}]}', 'latin1')
  let contentType = 'application/json; charset=ISO-8859-1'
  const server = await startHostileServer((response) => {
    response.writeHead(200, { 'content-type': contentType })
    response.end(latin1)
  })
  onTestFinished(() => server.close())
  const { feed, lines } = testClient(server.url)
  const window = { start: 0, end: 1 }
  expect(await pagesOf(feed, window)).toEqual([{ items: [{ User: 'Jürgen' }], last: true }])
  const told = () => lines.filter((line) => line.includes('not valid in UTF-8'))
  expect(told()).toEqual([])
  contentType = 'application/json'
  for (let i = 0; i < 2; i += 1) {
    expect(await pagesOf(feed, window)).toEqual([{ items: [{ User: 'J\ufffdrgen' }], last: true }])
  }
  expect(told()).toHaveLength(1)
})
