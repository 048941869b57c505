import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { startSimulator } from '../../src/simulator/index.js'
import { simulatorEnvironment, startCli } from '../support/cli.js'
import { live } from '../support/live.js'

test('pages of 5,000 records of 8 KB fit into the heap of a container of 256 MiB', async () => {
  const now = Date.now()
  const at = (index: number) => new Date(now - 24 * 3_600_000 + index * 1_000).toISOString()
  const records = Array.from({ length: 5_500 }, (_, index) => ({
    ...live,
    'Report ID': `00000000-0000-3000-8000-${String(index).padStart(12, '0')}`,
    'Correlation ID': `00000000-0000-4000-8000-${String(index).padStart(12, '0')}`,
    'Interaction ID': '',
    'Start time': at(index),
    'Report time': at(index),
    // One character that is not Latin-1 doubles what a whole text takes.
    Extra: `中${'x'.repeat(5_000)}`
  }))
  const sim = await startSimulator({ records })
  onTestFinished(() => sim.close())
  const folder = mkdtempSync(join(tmpdir(), 'memory-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const env = { ...simulatorEnvironment(sim.url), DATABASE_URL: `sqlite:${join(folder, 'cdr.db')}` }
  expect(await startCli(['migrate'], env, folder).ended).toMatchObject({ code: 0 })
  // Half of the container's memory, as Node.js takes it for its heap.
  const limited = { ...env, NODE_OPTIONS: '--max-old-space-size=128 --max-semi-space-size=1' }
  const { code, stdout, stderr } = await startCli(['sync', '--json'], limited, folder).ended
  expect({ code, stderr }).toMatchObject({ code: 0 })
  const { runs } = JSON.parse(stdout) as { runs: { inserted: number }[] }
  expect(runs.reduce((sum, { inserted }) => sum + inserted, 0)).toBe(5_500)
}, 120_000)
