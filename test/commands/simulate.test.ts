import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { commandBench } from './bench.js'

test('simulate on a port that another program has says which flag names another one', async () => {
  const { run } = await commandBench()
  const other = createServer().listen(0, '127.0.0.1')
  await once(other, 'listening')
  onTestFinished(() => void other.close())
  const port = String((other.address() as AddressInfo).port)
  expect(await run(['simulate', '--port', port])).toEqual({
    code: 1,
    stdout: '',
    stderr: `webex-cdr: cannot listen on port ${port} (EADDRINUSE): choose another one with --port, or 0 for any free one\n`
  })
})
