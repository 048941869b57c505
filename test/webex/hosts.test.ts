import { describe, expect, test } from 'vitest'
import type { Cloud } from '../../src/config/clouds.js'
import { mayReceiveToken, mayReceiveTokenForReport } from '../../src/webex/hosts.js'

const webex = new URL('https://analytics-calling.webexapis.com/v1/')
const government = new URL('https://analytics-calling-gov.webexapis.com/v1/')
const local = new URL('http://127.0.0.1:8090/v1/')
const proxy = new URL('https://webex-proxy.example.com/v1/')

const may = (target: string, configured: URL, cloud: Cloud) =>
  mayReceiveToken(new URL(target), configured, cloud)

describe('mayReceiveToken', () => {
  test.each([
    ['its own host', 'https://analytics-calling.webexapis.com/v1/cdr_feed', webex, true],
    ['another region', 'https://analytics-calling-eu.webexapis.com/v1/cdr_feed', webex, true],
    ['plain http', 'http://analytics-calling-eu.webexapis.com/v1/cdr_feed', webex, false],
    ['another port', 'https://analytics-calling-eu.webexapis.com:8443/v1', webex, false],
    ['a look-alike', 'https://analytics-calling.webexapis.com.example.com/v1', webex, false],
    [
      'a user name that looks like the host',
      'https://analytics-calling.webexapis.com@example.com/',
      webex,
      false
    ],
    ['its own host with a user name', 'https://a:b@analytics-calling.webexapis.com/', webex, false],
    ['loopback', 'http://127.0.0.1:8090/v1', webex, false],
    ['the configured proxy', 'https://webex-proxy.example.com/v1/cdr_feed', proxy, true],
    ['loopback from loopback', 'http://localhost:9999/v1', local, true],
    ['Webex from loopback', 'https://analytics-calling.webexapis.com/v1', local, false],
    ['a name that begins like loopback', 'http://127.0.0.1.example.com/v1', local, false]
  ])('%s', (_, target, configured, expected) => {
    expect(may(target, configured, 'commercial')).toBe(expected)
  })

  test.each([
    ['Webex for Government', 'https://analytics-calling-gov.webexapis.com/v1', 'commercial', false],
    ['its older host', 'https://analytics-f.webex.com/v1', 'commercial', false],
    ['Webex for Government', 'https://analytics-calling-gov.webexapis.com/v1', 'government', true],
    ['its older host', 'https://analytics-f.webex.com/v1', 'government', true],
    ['the other Webex', 'https://analytics-calling.webexapis.com/v1', 'government', false],
    ['a region of the other Webex', 'https://analytics-calling-eu.webexapis.com/v1', 'government', false]
  ] as const)('%s: %s, with a token of the %s cloud: %s', (_, target, cloud, expected) => {
    expect(may(target, proxy, cloud)).toBe(expected)
    expect(may(target, cloud === 'commercial' ? webex : government, cloud)).toBe(expected)
  })
})

describe('mayReceiveTokenForReport', () => {
  const api = new URL('https://webexapis.com/v1')
  const usgov = new URL('https://api-usgov.webex.com/v1')
  const simulated = new URL('http://127.0.0.1:8090/v1')

  test.each([
    ['the documented host', 'https://downloadservicebts.webex.com/api?reportId=1', api, true],
    ['one that was met', 'https://reportdownload-a.webex.com/api?reportId=1', api, true],
    ['the API’s own host', 'https://webexapis.com/v1/file', api, true],
    ['any other host of Webex', 'https://sites.webex.com/api', api, false],
    ['a look-alike', 'https://reportdownload-a.webex.com.example.com/api', api, false],
    ['a look-alike with a dot', 'https://reportdownload-a.b.webex.com/api', api, false],
    ['a look-alike before it', 'https://x.downloadservicebts.webex.com/api', api, false],
    ['plain http', 'http://downloadservicebts.webex.com/api', api, false],
    ['another port', 'https://downloadservicebts.webex.com:8443/api', api, false],
    ['a user name', 'https://a:b@downloadservicebts.webex.com/api', api, false],
    ['a blob', 'blob:https://downloadservicebts.webex.com/1', api, false],
    ['a host of the other cloud', 'https://downloadservicebts.webex.com/api', usgov, false],
    ['a CDR host of the other cloud', 'https://analytics-calling.webexapis.com/v1', usgov, false],
    ['its own host in Webex for Government', 'https://api-usgov.webex.com/v1/file', usgov, true],
    ['Webex from loopback', 'https://downloadservicebts.webex.com/api', simulated, false],
    ['loopback from loopback', 'http://127.0.0.1:8090/api', simulated, true],
    ['Webex from a gateway', 'https://reportdownload-a.webex.com/api', proxy, true]
  ])('%s', (_, target, configured, expected) => {
    expect(mayReceiveTokenForReport(new URL(target), configured)).toBe(expected)
  })
})
