import { isService } from '../calls/meanings.js'
import type { CdrCall, PartyKind, PartyOutcome } from '../entities/index.js'
import type { Hop, Side } from './hops.js'

const KINDS: Partial<Record<PartyKind, string>> = {
  attendant: 'attendant',
  ai_receptionist: 'AI receptionist',
  queue: 'queue',
  hunt_group: 'hunt group',
  voicemail: 'voicemail',
  callback: 'callback to',
  outside: 'outside'
}

const OUTCOMES: Record<PartyOutcome, string> = {
  answered: 'answered',
  elsewhere: 'answered elsewhere',
  unreachable: 'not reachable',
  no_answer: 'no answer',
  busy: 'busy',
  refused: 'refused',
  blocked: 'blocked',
  failed: 'failed',
  abandoned: 'abandoned',
  passed_on: 'passed on'
}

/** “attendant”; of a person nothing. */
export function sayKind({ kind }: Side): string {
  return KINDS[kind] ?? ''
}

/** “Ann Lee (2001)” */
export function sayWho({ name, number }: { name: string | null; number: string | null }): string {
  if (name !== null && number !== null && name !== number) return `${name} (${number})`
  return name ?? number ?? 'unknown'
}

/** “queue Customer Care (8000)” */
export function saySide(side: Side): string {
  return [sayKind(side), sayWho(side)].filter(Boolean).join(' ')
}

/** “no answer, rang 12 s” */
export function sayOutcome(hop: Hop): string {
  const { outcome, start, answered, end, ringSeconds, talkSeconds, holdSeconds, transferred } = hop
  const passed = (until: Date | null) =>
    until ? ` after ${sayTime((until.getTime() - start.getTime()) / 1_000)}` : ''
  const begun = outcome === 'answered' ? passed(answered) : /^(passed|aban)/.test(outcome) ? passed(end) : ''
  return [
    `${outcome === 'answered' && isService(hop.to.kind) ? 'a person answered' : OUTCOMES[outcome]}${begun}${sayReason(hop)}`,
    ringSeconds > 0 && outcome !== 'answered' ? `rang ${sayTime(ringSeconds)}` : '',
    talkSeconds > 0 ? `talked ${sayTime(talkSeconds)}` : '',
    holdSeconds > 0 ? `of it on hold ${sayTime(holdSeconds)}` : '',
    transferred ? `transferred at ${clockOf(transferred)}` : '',
    sayHangUp(hop)
  ]
    .filter(Boolean)
    .join(', ')
}

/** Webex's word, where ours says less. */
function sayReason({ outcome, outcomeReason }: Hop): string {
  const isTold = outcomeReason === null || /^(normal|userbusy|noanswer)$/i.test(outcomeReason)
  return isTold || /^(answered|passed_on|abandoned|elsewhere)$/.test(outcome) ? '' : ` (${outcomeReason})`
}

/** Not of one of ten devices that rang, nor where the call went on. */
function sayHangUp({ hungUpBy, outcome, parent, transferred, end, to }: Hop): string {
  const isHandedOver = transferred && end && end.getTime() - transferred.getTime() < 2_000
  const wentOn = isService(to.kind) && outcome !== 'abandoned'
  const isOneOfMany = parent !== null && outcome !== 'answered' && outcome !== 'abandoned'
  if (hungUpBy === null || isHandedOver || wentOn || isOneOfMany) return ''
  return `${hungUpBy.name ?? hungUpBy.number ?? 'somebody unknown'} hung up`
}

/** “12 s”, “1:20 min”, “1:02:03 h” */
export function sayTime(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds))
  if (whole < 60) return `${whole} s`
  const two = (n: number) => String(n).padStart(2, '0')
  const [hours, minutes] = [Math.floor(whole / 3_600), Math.floor(whole / 60) % 60]
  return hours > 0 ? `${hours}:${two(minutes)}:${two(whole % 60)} h` : `${minutes}:${two(whole % 60)} min`
}

/** “2026-11-24 08:00:01” */
export function momentOf(time: Date): string {
  return time.toISOString().slice(0, 19).replace('T', ' ')
}

/** “08:00:01.250” */
export function clockOf(time: Date): string {
  return time.toISOString().slice(11, 23)
}

/** “09:00:01 +01:00 Main Office”: the clock where the call began. */
export function sayLocal({ startLocal, utcOffsetMinutes: offset, locationName }: CdrCall): string {
  if (offset === null) return ''
  const [hours, minutes] = [Math.floor(Math.abs(offset) / 60), Math.abs(offset) % 60].map((n) =>
    String(n).padStart(2, '0')
  )
  return `${clockOf(startLocal).slice(0, 8)} ${offset < 0 ? '-' : '+'}${hours}:${minutes} ${locationName ?? ''}`.trimEnd()
}

export function sayCaller({ callingName: name, callingNumber: number }: CdrCall): string {
  return sayWho({ name, number })
}

export function sayCalled({ calledName: name, calledNumber: number }: CdrCall): string {
  return sayWho({ name, number })
}

/** Who answered; null if nobody did. */
export function sayAnswerer({
  answeredByName: name,
  answeredByNumber: number,
  answeredUtc
}: CdrCall): string | null {
  return answeredUtc === null ? null : sayWho({ name, number })
}
