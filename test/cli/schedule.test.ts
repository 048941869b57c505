import { expect, test } from 'vitest'
import { setUp } from './bench.js'

test('schedule prints a job for this machine, every 15 minutes unless told otherwise', async () => {
  const { run } = await setUp()
  expect(await run(['schedule'])).toMatchObject({ code: 0, stdout: expect.stringContaining('sync') })
  const every15 = await run(['schedule', '--print', 'cron'])
  expect(every15).toMatchObject({ code: 0, stdout: expect.stringContaining('*/15 * * * * cd ') })
  const hourly = await run(['schedule', '--print', 'cron', '--every', '1h'])
  expect(hourly.code).toBe(0)
  expect(hourly.stdout).not.toContain('*/15')
})
