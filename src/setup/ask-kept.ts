import type { RawJson } from '../entities/index.js'
import type { Present } from './choices.js'
import type { SetupFlags } from './flags.js'
import { faultOfKept, hasEnd, type Kept, type KeptFlag, keptNow, POLICY_FLAGS, UNSET } from './kept-choice.js'
import { type Option, select, text } from './questions.js'

/** Asks for what the flags leave open of what is kept of records, and for how long. */
export async function askKept(
  answers: SetupFlags,
  { settings }: Present,
  earlier: Partial<SetupFlags>
): Promise<void> {
  const before = keptNow(settings)
  for (const flag of ['rawJson', ...POLICY_FLAGS] as const) before[flag] = earlier[flag] ?? before[flag]
  answers.rawJson ??= await select(
    'How much of a record as Webex sends it should raw_json keep?',
    RAW_JSON,
    before.rawJson
  )
  if (POLICY_FLAGS.every((flag) => answers[flag] === undefined)) {
    Object.assign(answers, (await askPolicy(before)) ?? pick(earlier))
  }
}

const RAW_JSON: Option<RawJson>[] = [
  { value: 'all', label: 'All of it; a million records take 9.5 GB on SQL Server, 5.2 GB in SQLite' },
  {
    value: 'rest',
    label: 'Only what no column holds: nothing is lost; 3.1 GB on SQL Server, 2.1 GB in SQLite'
  }
]

type Policy = 'same' | 'endless' | '13 months' | '6 months' | 'own'

/** @returns undefined where it stays as it is */
async function askPolicy(before: Kept): Promise<Partial<Kept> | undefined> {
  const options: Option<Policy>[] = [
    ...(hasEnd(before) ? [{ value: 'same' as const, label: `As now: ${sayKept(before)}` }] : []),
    { value: 'endless', label: 'Everything, for ever' },
    { value: '13 months', label: 'Records for 13 months, as Cisco does' },
    { value: '6 months', label: 'Records for 6 months, as Cisco does in the EU' },
    { value: 'own', label: 'Other periods, or personal data masked' }
  ]
  const policy = await select('How long should it be kept?', options, undefined)
  switch (policy) {
    case 'same':
      return undefined
    case 'endless':
      return pick(UNSET)
    case 'own':
      return askOwn(before)
    default:
      return { retainRecords: policy }
  }
}

async function askOwn(before: Kept): Promise<Partial<Kept>> {
  const ask = (flag: KeptFlag, question: string) =>
    text(`${question} (such as 400 days or 13 months; or ${UNSET[flag]})`, before[flag], (typed) => {
      const fault = faultOfKept(flag, typed)
      return fault && `It ${fault}.`
    })
  const retainRecords = await ask('retainRecords', 'Keep records for')
  const maskAfter = await ask('maskAfter', 'Mask records after')
  const isMasked = maskAfter !== UNSET.maskAfter
  return {
    retainRecords,
    maskAfter,
    ...(isMasked ? { maskNumbers: await askNumbers(before.maskNumbers) } : {}),
    retainRawJson: await ask('retainRawJson', 'Keep raw_json for'),
    retainRuns: await ask('retainRuns', 'Keep runs and errors for')
  }
}

async function askNumbers(before: string): Promise<string> {
  const digits = before === 'hash' ? UNSET.maskNumbers : before
  const options: Option<string>[] = [
    { value: digits, label: `Cut their last ${digits} digits` },
    { value: 'hash', label: 'Replace them by a keyed hash', hint: 'calls of one number can still be counted' }
  ]
  return select('What should become of telephone numbers when a record is masked?', options, before)
}

/** “records 13 months, masked after 30 days” */
function sayKept({ retainRecords, maskAfter, retainRawJson, retainRuns }: Kept): string {
  const parts = [
    [retainRecords, 'records '],
    [maskAfter, 'masked after '],
    [retainRawJson, 'raw_json '],
    [retainRuns, 'runs and errors ']
  ] as const
  return parts
    .filter(([age]) => age !== UNSET.retainRecords && age !== UNSET.maskAfter)
    .map(([age, words]) => `${words}${age}`)
    .join(', ')
}

function pick(kept: Partial<SetupFlags>): Partial<Kept> {
  return Object.fromEntries(
    POLICY_FLAGS.flatMap((flag) => (kept[flag] === undefined ? [] : [[flag, kept[flag]]]))
  )
}
