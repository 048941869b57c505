/**
 * Runs the built program again and again in one process: what a command says and does is the same, without the start of
 * Node.js and of the libraries each time. test/support/warm.ts tells it what to run.
 */
import { fstatSync, readdirSync } from 'node:fs'
import { Socket } from 'node:net'
import { Readable } from 'node:stream'
import { pathToFileURL } from 'node:url'

const { gc } = globalThis
const endProcess = process.exit
const program = pathToFileURL(process.argv[2])
let number = 0

process.on('disconnect', () => endProcess())
process.on('message', async ({ args, env, cwd, input, mark }) => {
  for (const name of Object.keys(process.env)) delete process.env[name]
  for (const [name, value] of Object.entries(env)) if (value !== undefined) process.env[name] = value
  process.chdir(cwd)
  process.argv.splice(2, Infinity, ...args)
  const stdin = Readable.from(input === undefined ? [] : [Buffer.from(input)])
  Object.defineProperty(process, 'stdin', { value: stdin, configurable: true })
  process.exitCode = undefined
  const ended = new Promise((resolve) => {
    process.exit = (code = process.exitCode) => resolve(code ?? 0)
  })
  // With another query it is another module, which reads the command line anew; what it imports is there already.
  number += 1
  void import(`${program.href}?${number}`)
  const code = await ended
  process.chdir('/')
  // A SQLite file that could not be read is closed as its object is collected.
  if (code !== 0 && hasFilesOpen()) gc()
  for (const event of ['SIGINT', 'SIGTERM', 'SIGHUP', 'uncaughtException']) process.removeAllListeners(event)
  for (const stream of [process.stdout, process.stderr]) {
    stream.removeAllListeners('error')
    stream.write(mark)
  }
  closeSockets()
  // What else a command leaves running goes on in the next one, unlike in a process that has ended.
  let isAtRest = false
  for (let patience = 5; patience > 0 && !isAtRest; patience -= 1) {
    await new Promise((resolve) => setTimeout(resolve, 1))
    isAtRest = process.getActiveResourcesInfo().every((kind) => kind === 'PipeWrap')
  }
  process.send({ code, isAtRest })
})

/** Where the system does not say, there may be some. */
function hasFilesOpen() {
  try {
    return readdirSync('/proc/self/fd').some((fd) => isFile(Number(fd)))
  } catch {
    return true
  }
}

function isFile(descriptor) {
  try {
    return fstatSync(descriptor).isFile()
  } catch {
    // It was the one that the folder was read by.
    return false
  }
}

/** As the end of a process does. */
function closeSockets() {
  const own = [process.stdout, process.stderr]
  for (const handle of process._getActiveHandles()) {
    if (handle instanceof Socket && !own.includes(handle)) handle.destroy()
  }
}
