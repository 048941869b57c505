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

test('schedule --job retain prints the daily job, and says so where it has nothing to do', async () => {
  const { run } = await setUp()
  const idle = await run(['schedule', '--job', 'retain', '--print', 'cron'])
  expect(idle).toMatchObject({ code: 0, stdout: expect.stringMatching(/^30 3 \* \* \* cd .* retain >> /m) })
  expect(idle.stderr).toMatch(/WARN: there is no retention policy, .*`npm run setup`/)
  const busy = await run(['schedule', '--job', 'retain', '--print', 'systemd'], {
    RETAIN_RECORDS: '13 months'
  })
  expect(busy).toMatchObject({
    code: 0,
    stderr: '',
    stdout: expect.stringContaining('webex-cdr-retain.timer')
  })
  const every = await run(['schedule', '--job', 'retain', '--every', '1h'])
  expect(every).toMatchObject({ code: 2, stdout: '' })
  expect(every.stderr).toBe('webex-cdr: --every is for --job sync: retain runs once a day\n')
})
