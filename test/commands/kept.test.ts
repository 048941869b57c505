import { describe, expect, test } from 'vitest'
import { DEMO_CREDENTIALS } from '../../src/simulator/index.js'
import { DOWN, ENTER, hasScript, inTerminal } from '../support/terminal.js'
import { commandBench, SECRET_LINES, SETUP } from './bench.js'

const { clientId, clientSecret, refreshToken } = DEMO_CREDENTIALS

/** The settings of what is kept. */
const keptIn = (config: Record<string, string> | undefined) =>
  Object.fromEntries(Object.entries(config ?? {}).filter(([name]) => /^(RAW|RETAIN|MASK)_/.test(name)))

async function installed(more: string[] = []) {
  const bench = await commandBench()
  const args = [...SETUP, '--store', 'file', '--key-file', bench.keyFile, ...more]
  const done = await bench.run(args, { input: SECRET_LINES })
  expect(done.code, done.stderr).toBe(0)
  return { ...bench, done }
}

const POLICY = {
  RAW_JSON: 'rest',
  RETAIN_RECORDS: '13 months',
  MASK_AFTER: '30 days',
  MASK_NUMBERS: 'hash',
  RETAIN_RAW_JSON: '90 days',
  RETAIN_RUNS: '1 year'
}
const POLICY_FLAGS = [
  ...['--raw-json', 'rest', '--retain-records', '13 Months', '--mask-after', ' 30 days'],
  ...['--mask-numbers', 'hash', '--retain-raw-json', '90 day', '--retain-runs', '1 years']
]

describe('setup, by flags,', () => {
  test('stores what is kept, and says what does it', async () => {
    const { done, config } = await installed(POLICY_FLAGS)
    expect(keptIn(config())).toEqual(POLICY)
    expect(done.stdout).toMatch(
      /\n {2}npm run retain +deletes and masks .*\n {2}npm run --silent schedule -- --job retain\n +prints a/
    )
  })

  test('stores no default, and says nothing of retain without a policy', async () => {
    const { done, config } = await installed(['--raw-json', 'all', '--retain-records', 'forever'])
    expect(keptIn(config())).toEqual({})
    expect(done.stdout).not.toContain('retain')
  })

  test('changes only what is given, and removes what is to be kept for ever', async () => {
    const { run, config } = await installed(POLICY_FLAGS)
    expect((await run(['setup', '--retain-records', '2 years'])).code).toBe(0)
    expect(keptIn(config())).toEqual({ ...POLICY, RETAIN_RECORDS: '2 years' })
    expect((await run(['setup', '--mask-after', 'never', '--retain-runs', 'forever'])).code).toBe(0)
    expect(keptIn(config())).toEqual({
      RAW_JSON: 'rest',
      RETAIN_RECORDS: '2 years',
      RETAIN_RAW_JSON: '90 days'
    })
    const others = ['--raw-json', 'all', '--retain-records', 'forever', '--retain-raw-json', 'forever']
    const done = await run(['setup', ...others])
    expect(keptIn(config())).toEqual({})
    expect(done.stdout).not.toContain('retain')
  })

  test('--check stores none of it', async () => {
    const { run, config } = await installed(['--mask-after', '1 year'])
    expect(await run(['setup', '--check', ...POLICY_FLAGS])).toMatchObject({ code: 0 })
    expect(keptIn(config())).toEqual({ MASK_AFTER: '1 year' })
    expect((await run(['setup', '--check', '--mask-numbers', 'some'])).code).toBe(2)
  })

  test.each([
    [{ RETAIN_RECORDS: '1 year' }, ['--retain-records', '2 years'], 'RETAIN_RECORDS'],
    [{ RETAIN_RECORDS: '1 year' }, ['--retain-records', 'forever'], 'RETAIN_RECORDS'],
    [{ RAW_JSON: 'rest' }, ['--raw-json', 'all'], 'RAW_JSON']
  ])('what the environment would overrule is refused: %j, %j', async (env, args, name) => {
    const { run, config } = await installed()
    const before = config()
    const ended = await run(['setup', ...args], { env })
    expect(ended.code).toBe(1)
    expect(ended.stderr).toMatch(
      new RegExp(`^webex-cdr: ${name} is set in the environment or \\.env, which override .*\\n$`)
    )
    expect(config()).toEqual(before)
  })
})

describe.skipIf(!hasScript)(`on a terminal${hasScript ? '' : ' (skipped: there is no script)'}`, () => {
  const GIVEN = [
    ...['setup', '--client-id', clientId, '--client-secret', clientSecret, '--refresh-token', refreshToken],
    ...['--store', 'file', '--database-url', 'sqlite:calls.db']
  ]
  const RAW_JSON = 'How much of a record as Webex sends it should raw_json keep?'
  const HOW_LONG = 'How long should it be kept?'

  async function dialogue(args: string[] = []) {
    const bench = await commandBench()
    const terminal = inTerminal([...GIVEN, '--key-file', bench.keyFile, ...args], bench.env, bench.folder)
    const answer = async (...steps: [question: string, keys: string][]) => {
      for (const [question, keys] of steps) {
        await terminal.sees(question)
        terminal.type(keys)
      }
    }
    const end = async () => {
      await answer(['Create the tables now?', 'n'])
      expect(await terminal.ended, terminal.shown()).toBe(0)
    }
    return { ...bench, terminal, answer, end }
  }

  test('setup asks what raw_json keeps, with its size, and for how long all is kept', async () => {
    const { config, terminal, answer, end } = await dialogue()
    await terminal.sees(RAW_JSON)
    await terminal.sees('a million records take 9.5 GB on SQL Server, 5.2 GB in SQLite')
    await terminal.sees('nothing is lost; 3.1 GB on SQL Server, 2.1 GB in SQLite')
    terminal.type(`${DOWN}${ENTER}`)
    await answer([HOW_LONG, `${DOWN}${ENTER}`])
    await end()
    expect(keptIn(config())).toEqual({ RAW_JSON: 'rest', RETAIN_RECORDS: '13 months' })
  }, 60_000)

  test('setup asks for a policy of its own, and shows it the next time', async () => {
    const { config, env, folder, terminal, answer, end } = await dialogue(['--raw-json', 'all'])
    await answer([HOW_LONG, `${DOWN.repeat(3)}${ENTER}`], ['Keep records for', `2 Years${ENTER}`])
    await answer(['Mask records after', `a while${ENTER}`], ['It must be an age', '\u007f'.repeat(7)])
    terminal.type(`30 days${ENTER}`)
    await answer(['telephone numbers', `${DOWN}${ENTER}`], ['Keep raw_json for', ENTER])
    await answer(['Keep runs and errors for', `400 days${ENTER}`])
    await end()
    const policy = {
      RETAIN_RECORDS: '2 years',
      MASK_AFTER: '30 days',
      MASK_NUMBERS: 'hash',
      RETAIN_RUNS: '400 days'
    }
    expect(keptIn(config())).toEqual(policy)
    expect(terminal.shown()).not.toContain(RAW_JSON)

    const again = inTerminal([...GIVEN, '--raw-json', 'rest'], env, folder)
    await again.sees('As now: records 2 years, masked after 30 days, runs and errors 400 days')
    again.type(ENTER)
    await again.sees('Create the tables now?')
    again.type('n')
    expect(await again.ended).toBe(0)
    expect(keptIn(config())).toEqual({ ...policy, RAW_JSON: 'rest' })

    const last = inTerminal(GIVEN, env, folder)
    await last.sees('● Only what no column holds')
    last.type(ENTER)
    await last.sees(HOW_LONG)
    last.type(`${DOWN}${ENTER}`)
    await last.sees('Create the tables now?')
    last.type('n')
    expect(await last.ended).toBe(0)
    expect(keptIn(config())).toEqual({ RAW_JSON: 'rest' })
  }, 90_000)

  test('an answer stands when another one did not work', async () => {
    const { config, terminal, answer, end, sim } = await dialogue()
    sim.failNext({ kind: 'status', status: 403 })
    await answer([RAW_JSON, `${DOWN}${ENTER}`], [HOW_LONG, `${DOWN}${DOWN}${ENTER}`])
    await answer(['Review your answers?', ENTER], ['● Only what no column holds', ENTER])
    await answer(['As now: records 6 months', ENTER])
    await end()
    expect(keptIn(config())).toEqual({ RAW_JSON: 'rest', RETAIN_RECORDS: '6 months' })
    expect(terminal.shown()).toContain('403')
  }, 60_000)

  test('setup does not ask for what is given, be it for ever', async () => {
    const { config, terminal, end } = await dialogue(['--raw-json', 'all', '--retain-runs', 'forever'])
    await end()
    expect(terminal.shown()).not.toMatch(/raw_json keep|How long/)
    expect(keptIn(config())).toEqual({})
  }, 60_000)
})
