import { describe, expect, it } from 'vitest'
import type { Simulator } from '../../src/simulator/index.js'
import {
  type Api,
  accessToken,
  ask,
  HOUR,
  items,
  MINUTE,
  NOW,
  nextUrl,
  range,
  refresh,
  start
} from './caller.js'

const hour = range(NOW - MINUTE - HOUR, NOW - MINUTE)

const outcome = async (simulator: Simulator, token: string, api?: Api): Promise<string> => {
  try {
    const response = await ask(simulator, token, api === 'cdr_stream' ? hour : range(), api)
    const text = await response.text()
    const retryAfter = response.headers.get('retry-after')
    if (response.status === 429) return retryAfter === null ? '429' : `429 after ${retryAfter}`
    return response.status === 200 ? '200' : `${response.status} ${text.slice(0, 5)}`
  } catch (error) {
    // Only a connection cut in the middle of a body has got as far as an answer.
    return (error as Error).message === 'terminated' ? 'truncated' : 'reset'
  }
}

describe('faults', () => {
  it('hit the next requests in the order in which they were queued', async () => {
    const simulator = await start()
    const token = await accessToken(simulator)
    simulator.failNext(
      { kind: 'status', status: 503, headers: { 'retry-after': '1' } },
      { kind: 'body', body: 'no json' }
    )
    const busy = await ask(simulator, token, range())
    expect(busy.status).toBe(503)
    expect(busy.headers.get('retry-after')).toBe('1')
    expect(await busy.json()).toMatchObject({ errorCode: 503, trackingId: busy.headers.get('trackingid') })
    const odd = await ask(simulator, token, range())
    expect([odd.status, await odd.text()]).toEqual([200, 'no json'])
    expect((await items(await ask(simulator, token, range()))).length).toBeGreaterThan(300)
  })

  it('wait behind requests that are to be let through', async () => {
    const simulator = await start()
    const token = await accessToken(simulator)
    simulator.failNext({ kind: 'none' }, { kind: 'status', status: 500, body: 'later' })
    expect([await outcome(simulator, token), await outcome(simulator, token)]).toEqual(['200', '500 later'])
  })

  it('meet cdr_feed and cdr_stream in the order in which their requests come', async () => {
    const simulator = await start()
    const token = await accessToken(simulator)
    simulator.failNext(
      { kind: 'status', status: 501, body: 'first' },
      { kind: 'none' },
      { kind: 'status', status: 502, body: 'third' }
    )
    expect([
      await outcome(simulator, token, 'cdr_stream'),
      await outcome(simulator, token, 'cdr_feed'),
      await outcome(simulator, token, 'cdr_stream')
    ]).toEqual(['501 first', '200', '502 third'])
  })

  it('answer a status with the body given', async () => {
    const simulator = await start()
    simulator.failNext({
      kind: 'status',
      status: 502,
      body: '<html>',
      headers: { 'content-type': 'text/html' }
    })
    const response = await ask(simulator, await accessToken(simulator), range())
    expect([response.status, await response.text()]).toEqual([502, '<html>'])
    expect(response.headers.get('content-type')).toBe('text/html')
  })

  it('reset the connection', async () => {
    const simulator = await start()
    const token = await accessToken(simulator)
    simulator.failNext({ kind: 'reset' })
    const failure = await ask(simulator, token, range()).catch((error) => error)
    expect(failure.cause.code).toBe('ECONNRESET')
    expect(simulator.requests.at(-1)?.status).toBe(0)
    expect(await outcome(simulator, token)).toBe('200')
  })

  it('cut the answer in half', async () => {
    const simulator = await start()
    const token = await accessToken(simulator)
    const whole = (await (await ask(simulator, token, range())).text()).length
    simulator.failNext({ kind: 'truncate' })
    const response = await ask(simulator, token, range())
    expect(Number(response.headers.get('content-length'))).toBeGreaterThan(whole)
    await expect(response.text()).rejects.toThrow('terminated')
    expect(await outcome(simulator, token)).toBe('200')
  })

  it('lead from a page to itself', async () => {
    const simulator = await start()
    const token = await accessToken(simulator)
    const asked = `${simulator.url}/cdr_feed?${new URLSearchParams({ ...range(), locations: 'Main Office' })}`
    simulator.failNext({ kind: 'none' }, { kind: 'repeatLink' })
    const whole = await ask(simulator, token, asked)
    expect(nextUrl(whole)).toBeUndefined()
    const looping = await ask(simulator, token, asked)
    expect(nextUrl(looping)).toBe(asked)
    expect(await items(looping)).toEqual(await items(whole))
  })

  it('take the items out of a page and leave its link, and errors as they are', async () => {
    const simulator = await start({ recordsPerHour: 600 })
    const token = await accessToken(simulator)
    const query = { ...range(), max: '500' }
    simulator.failNext({ kind: 'none' }, { kind: 'withoutItems' }, { kind: 'withoutItems' })
    const link = nextUrl(await ask(simulator, token, query))
    const bare = await ask(simulator, token, query)
    expect([bare.status, await bare.text(), nextUrl(bare)]).toEqual([200, '{}', link])
    const refused = await ask(simulator, 'unknown', query)
    expect([refused.status, await refused.json()]).toEqual([401, expect.objectContaining({ errorCode: 401 })])
  })

  it('redirect', async () => {
    const simulator = await start()
    simulator.failNext({ kind: 'redirect', to: 'https://elsewhere.example/v1/cdr_feed' })
    const response = await fetch(`${simulator.url}/cdr_feed`, { redirect: 'manual' })
    expect(response.status).toBe(302)
    expect(response.headers.get('location')).toBe('https://elsewhere.example/v1/cdr_feed')
  })

  it('answer without end, until the client goes away', async () => {
    const simulator = await start()
    const token = await accessToken(simulator)
    simulator.failNext({ kind: 'endless' })
    const response = await ask(simulator, token, range())
    expect([response.status, response.headers.get('content-length')]).toEqual([200, null])
    const body = response.body as ReadableStream<Uint8Array>
    let text = ''
    for await (const chunk of body) {
      text += new TextDecoder().decode(chunk)
      if (text.length > 20_000_000) break
    }
    expect(text.length).toBeGreaterThan(20_000_000)
    expect(text.trimEnd()).toBe('{"items":[')
    expect(simulator.requests.at(-1)?.status).toBe(200)
    expect(await outcome(simulator, token)).toBe('200')
  })

  it('leave a request hanging until the simulator closes', async () => {
    const simulator = await start()
    const token = await accessToken(simulator)
    simulator.failNext({ kind: 'hang' })
    const hanging = ask(simulator, token, range()).catch(() => 'cut')
    const wait = new Promise((resolve) => setTimeout(resolve, 200, 'still waiting'))
    expect(await Promise.race([hanging, wait])).toBe('still waiting')
    await simulator.close()
    expect(await hanging).toBe('cut')
  })

  it('hit access_token on its own', async () => {
    const simulator = await start()
    simulator.failNextToken({ kind: 'status', status: 500 }, { kind: 'truncate' })
    const token = (await refresh(simulator)).status
    expect(token).toBe(500)
    await expect((await refresh(simulator)).text()).rejects.toThrow('terminated')
    expect(await outcome(simulator, await accessToken(simulator))).toBe('200')
  })

  it('come at random at the rate and by the seed given, to both APIs', async () => {
    const run = async (seed: number) => {
      const simulator = await start({ seed, faultRate: 0.5, recordsPerHour: 5 })
      const token = await accessToken(simulator)
      const outcomes: string[] = []
      for (let i = 0; i < 60; i++) {
        outcomes.push(
          await outcome(simulator, token, 'cdr_feed'),
          await outcome(simulator, token, 'cdr_stream')
        )
      }
      return outcomes
    }
    const outcomes = await run(3)
    expect(await run(3)).toEqual(outcomes)
    expect(await run(4)).not.toEqual(outcomes)
    const failed = outcomes.filter((one) => one !== '200')
    expect(failed.length).toBeGreaterThan(40)
    expect(failed.length).toBeLessThan(80)
    expect(new Set(failed)).toEqual(
      new Set([
        '500 {"mes',
        '502 <html',
        '503 <html',
        'reset',
        'truncated',
        '429',
        '429 after 0',
        '429 after 1'
      ])
    )
  })

  it('do not come by themselves', async () => {
    const simulator = await start({ recordsPerHour: 5 })
    const token = await accessToken(simulator)
    for (let i = 0; i < 50; i++) expect(await outcome(simulator, token)).toBe('200')
  })
})
