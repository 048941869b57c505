import { expect, test } from 'vitest'
import type { Ended } from '../support/cli.js'
import { until } from '../support/until.js'
import { strictInstallation } from './strict-service.js'

/** All that spend a refresh token. */
const COMMANDS = [
  ['sync', '--source', 'feed'],
  ['doctor'],
  ['setup', '--check'],
  ['setup', '--database-url', 'sqlite:webex-cdr.db']
]
/** What each says where another one has the lease. */
const GIVES_WAY = {
  sync: /^Another sync is running: .* Nothing was done\.\n$/,
  doctor: /^warning {2}token +not tested without the lease/m,
  setup: /another command is running \(.*\) and uses the secrets: try again when it has finished\n$/
}

function gaveWay(args: readonly string[], { stdout, stderr }: Ended): boolean {
  return GIVES_WAY[args[0] as keyof typeof GIVES_WAY].test(stdout + stderr)
}

test.each([[COMMANDS[0]!], [COMMANDS[3]!]])(
  'while %j spends the refresh token, all others leave it alone, and say so',
  async (first) => {
    const { start, run, service } = await strictInstallation()
    const open = service.close()
    const { ended } = start(first)
    await until(() => service.offered.length === 1)
    const others = await Promise.all(COMMANDS.map((args) => run(args)))
    expect(service.offered).toHaveLength(1)
    for (const [index, other] of others.entries()) {
      expect(gaveWay(COMMANDS[index] ?? [], other), other.stdout + other.stderr).toBe(true)
    }
    open()
    const { code, stderr } = await ended
    expect(code, stderr).toBe(0)
    expect((await run(['setup', '--check'])).code).toBe(0)
  },
  60_000
)

test('all at once, again and again, they lose no refresh token and offer none twice', async () => {
  const { run, service } = await strictInstallation()
  for (let round = 0; round < 2; round += 1) {
    const all = await Promise.all(COMMANDS.map(async (args) => ({ args, ended: await run(args) })))
    for (const { args, ended } of all) {
      const said = ended.stdout + ended.stderr
      expect(ended.code === 0 || gaveWay(args, ended), said).toBe(true)
      expect(said).not.toMatch(/refuses|Invalid refresh token/)
    }
    expect(all.some(({ args, ended }) => !gaveWay(args, ended))).toBe(true)
  }
  expect(new Set(service.offered).size).toBe(service.offered.length)
  expect((await run(['setup', '--check'])).code).toBe(0)
}, 60_000)
