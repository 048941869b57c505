import { connect, createServer } from 'node:net'

// What a proxy, a driver or an agent may leave behind.
const server = createServer(() => {}).listen(0, '127.0.0.1', () => {
  connect(server.address().port, '127.0.0.1')
})
setInterval(() => {}, 1_000)
if (process.env.OPEN_HANDLES === 'throw') {
  setTimeout(() => {
    throw new Error('a socket of\na library broke')
  }, 1_500)
}
