import { type Age, parseAge, sayAge } from '../config/ages.js'
import type { ConfigValues } from '../config/config-file.js'
import { faultOfSetting, loadSettings, type Settings } from '../config/settings.js'
import { UsageError } from '../errors.js'
import { flagName, type SetupFlags } from './flags.js'
import { shadowed } from './shadowed.js'

/** The settings of what is kept of records, and for how long, by their flags. */
export const KEPT = {
  rawJson: 'RAW_JSON',
  retainRecords: 'RETAIN_RECORDS',
  maskAfter: 'MASK_AFTER',
  maskNumbers: 'MASK_NUMBERS',
  retainRawJson: 'RETAIN_RAW_JSON',
  retainRuns: 'RETAIN_RUNS'
} as const

export type KeptFlag = keyof typeof KEPT
/** The text of each flag; with the one of UNSET the setting is not in webex-cdr.json. */
export type Kept = Record<KeptFlag, string>

/** What in webex-cdr.json is to change; undefined removes a setting. */
export interface KeptChoice {
  changes: ConfigValues
  hasPolicy: boolean
}

const FLAGS = Object.keys(KEPT) as KeptFlag[]
export const POLICY_FLAGS = FLAGS.filter((flag) => flag !== 'rawJson')

/** What is in force. */
export function keptNow({ rawJson, retention }: Pick<Settings, 'rawJson' | 'retention'>): Kept {
  const { records, mask, numbers, rawJson: response, runs } = retention
  const say = (age: Age | undefined, otherwise = 'forever') => (age ? sayAge(age) : otherwise)
  return {
    rawJson,
    retainRecords: say(records),
    maskAfter: say(mask, 'never'),
    maskNumbers: String(numbers),
    retainRawJson: say(response),
    retainRuns: say(runs)
  }
}

export const UNSET = keptNow(loadSettings({}))

/** Some of it goes, or is masked, when it is old enough. */
export function hasEnd(kept: Kept): boolean {
  return POLICY_FLAGS.some((flag) => flag !== 'maskNumbers' && kept[flag] !== UNSET[flag])
}

/** What is wrong with the text of a flag, in words behind its name. */
export function faultOfKept(flag: KeptFlag, text: string): string | undefined {
  if (text.trim() === UNSET[flag]) return undefined
  const fault = faultOfSetting(KEPT[flag], text.trim())
  return fault && /\bage\b/.test(fault) ? `${fault}, or “${UNSET[flag]}”` : fault
}

/**
 * What the flags change of what is kept.
 * @throws UsageError; ConfigurationError where the environment has it
 */
export function chooseKept(
  flags: SetupFlags,
  { settings, env }: { settings: Settings; env: ConfigValues }
): KeptChoice {
  const now = keptNow(settings)
  const kept = { ...now }
  for (const flag of FLAGS) if (flags[flag] !== undefined) kept[flag] = cleanKept(flag, flags[flag])
  const isMasked = kept.maskAfter !== UNSET.maskAfter
  if (!isMasked && flags.maskNumbers !== undefined && flags.maskAfter === undefined) {
    throw new UsageError('--mask-numbers needs --mask-after')
  }
  if (!isMasked && flags.maskAfter !== undefined) kept.maskNumbers = UNSET.maskNumbers
  const changed = FLAGS.filter((flag) => kept[flag] !== now[flag])
  const changes: ConfigValues = Object.fromEntries(
    changed.map((flag) => [KEPT[flag], kept[flag] === UNSET[flag] ? undefined : kept[flag]])
  )
  const overruled = Object.keys(changes).find((name) => changes[name] === undefined && env[name])
  if (overruled) throw shadowed(overruled)
  return { changes, hasPolicy: hasEnd(kept) }
}

/** @throws UsageError */
function cleanKept(flag: KeptFlag, text: string): string {
  const fault = faultOfKept(flag, text)
  if (fault) throw new UsageError(`${flagName(flag)} ${fault}`)
  const age = parseAge(text)
  return age ? sayAge(age) : text.trim()
}
