import { describe, expect, it } from 'vitest'
import { DEMO_CREDENTIALS, startSimulator } from '../../src/simulator/index.js'
import { accessToken, refresh, start } from './caller.js'

describe('access_token', () => {
  it('gives an access token for the refresh token', async () => {
    const simulator = await start()
    const response = await refresh(simulator)
    expect(response.status).toBe(200)
    expect(await response.json()).toEqual({
      access_token: expect.stringMatching(/./),
      expires_in: 1_209_599,
      refresh_token: DEMO_CREDENTIALS.refreshToken,
      refresh_token_expires_in: 7_775_999,
      token_type: 'Bearer'
    })
    expect(await accessToken(simulator)).not.toBe(await accessToken(simulator))
  })

  it.each([
    [{ client_id: 'x' }, 401, 'Client Id is invalid'],
    [{ client_secret: 'x' }, 401, 'Client Secret is invalid'],
    [{ refresh_token: 'x' }, 400, 'Invalid refresh token'],
    [{ grant_type: 'client_credentials' }, 400, 'Unsupported grant_type']
  ])('refuses %o', async (changes, status, description) => {
    const response = await refresh(await start(), changes as Record<string, string>)
    expect(response.status).toBe(status)
    expect(await response.json()).toEqual({
      message: expect.any(String),
      errors: [{ description }],
      trackingId: response.headers.get('trackingid')
    })
  })

  it('accepts the credentials it was started with, and no others', async () => {
    const simulator = await start({ clientId: 'a', clientSecret: 'b', refreshToken: 'c' })
    expect((await refresh(simulator)).status).toBe(401)
    const own = { client_id: 'a', client_secret: 'b', refresh_token: 'c' }
    expect((await refresh(simulator, own)).status).toBe(200)
    expect(simulator.currentRefreshToken()).toBe('c')
  })

  it('rotates: a replaced refresh token works once more and then dies', async () => {
    const simulator = await start({ rotateRefreshToken: true })
    const old = simulator.currentRefreshToken()
    const body = (await (await refresh(simulator)).json()) as { refresh_token: string }
    expect(body.refresh_token).not.toBe(old)
    expect(simulator.currentRefreshToken()).toBe(body.refresh_token)
    expect((await refresh(simulator, { refresh_token: old })).status).toBe(200)
    expect((await refresh(simulator, { refresh_token: old })).status).toBe(400)
    expect((await refresh(simulator, { refresh_token: body.refresh_token })).status).toBe(200)
  })
})

describe('startSimulator', () => {
  it('binds loopback only, on the port asked for, and frees it', async () => {
    const first = await startSimulator()
    expect(first.url).toBe(`http://127.0.0.1:${first.port}/v1`)
    await expect(fetch(`http://127.0.0.2:${first.port}/v1/cdr_feed`)).rejects.toThrow()
    await expect(startSimulator({ port: first.port })).rejects.toThrow('EADDRINUSE')
    await first.close()
    await first.close()
    const second = await startSimulator({ port: first.port })
    expect(second.port).toBe(first.port)
    await second.close()
  })
})
