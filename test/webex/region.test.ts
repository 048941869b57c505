import { describe, expect, test } from 'vitest'
import { loadSettings } from '../../src/config/settings.js'
import { FatalError } from '../../src/errors.js'
import { REGIONS } from '../../src/setup/regions.js'
import { createClient } from '../../src/webex/client.js'
import { Redaction } from '../../src/webex/redaction.js'
import { Region } from '../../src/webex/region.js'
import { serviceResponse } from '../../src/webex/response.js'
import { memoryLog } from '../support/log.js'
import { demoSecrets } from '../support/secrets.js'

const { log } = memoryLog()
const wrongRegion = (host: string) =>
  serviceResponse({ status: 451, data: { message: `Please use ${host}` }, headers: {} }, new Redaction())

describe('a token stays in its cloud', () => {
  test.each([
    ['us', 'analytics-calling-gov.webexapis.com', 'that is Webex for Government, .* --region gov`'],
    ['eu', 'analytics-f.webex.com', 'that is Webex for Government, .* --region gov`'],
    ['gov', 'analytics-calling.webexapis.com', 'that is the commercial Webex cloud, .* --region us`']
  ] as const)('of %s, though a 451 or a link name %s', (name, host, remedy) => {
    const region = new Region(REGIONS[name], log)
    expect(() => region.switchTo(wrongRegion(host), 'cdr_feed')).toThrow(
      new RegExp(`Please use ${host}; ${remedy}`)
    )
    expect(region.url).toBe(REGIONS[name].analyticsUrl)
    expect(() => region.checked(`https://${host}/v1/cdr_feed?a=b`, region.url, 'cdr_feed')).toThrow(
      FatalError
    )
  })

  test('in which there may be several hosts', () => {
    const region = new Region(REGIONS.us, log)
    region.switchTo(wrongRegion('analytics-calling-eu.webexapis.com'), 'cdr_feed')
    expect(region.url).toBe(REGIONS.eu.analyticsUrl)
    const government = new Region({ ...REGIONS.gov, analyticsUrl: 'https://analytics-f.webex.com/v1' }, log)
    government.switchTo(wrongRegion('analytics-calling-gov.webexapis.com'), 'cdr_feed')
    expect(government.url).toBe(REGIONS.gov.analyticsUrl)
  })

  test('where a gateway stands before the records, by where it comes from', () => {
    const gateway = { ...REGIONS.gov, analyticsUrl: 'https://webex.example.com/v1' }
    expect(() =>
      new Region(gateway, log).switchTo(wrongRegion('analytics-calling.webexapis.com'), 'cdr_feed')
    ).toThrow(FatalError)
  })
})

test('a client for the tokens of one cloud and the records of the other is not made', () => {
  const { webex } = loadSettings({ WEBEX_ANALYTICS_URL: REGIONS.gov.analyticsUrl })
  const tools = {
    secrets: demoSecrets(log),
    log,
    now: Date.now,
    sleep: async () => {},
    signal: new AbortController().signal
  }
  expect(() => createClient(webex, tools)).toThrow(
    'WEBEX_API_URL (https://webexapis.com/v1) and WEBEX_ANALYTICS_URL (https://analytics-calling-gov.webexapis.com/v1) are in different clouds, one of them Webex for Government: nothing is sent; `npm run setup -- --region gov` (or us, eu, in, au) sets both'
  )
})
