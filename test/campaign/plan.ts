import { Draw } from '../../src/simulator/records/draw.js'
import { FAULTS, type FaultName, LIES, type LieName, TOKEN_FAULTS, type TokenFaultName } from './faults.js'

const SECOND = 1_000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE

/** One start of the program by its scheduler, and what befalls it. Durations are in ms. */
export interface PlannedRun {
  /** How far the clock moves before it. */
  advance: number
  /** How far the program's clock is ahead of the service's. */
  skew: number
  faults: PlannedFault[]
  /** Told with the first answer, or put off to the next run that may be lied to. */
  lie?: LieName
  tokenFaults: TokenFaultName[]
  event: PlannedEvent
}

export interface PlannedFault {
  name: FaultName
  /** How many requests for records go well before it. */
  after: number
  /** How many requests meet it in a row. */
  times: number
}

/** What befalls a run from outside, `delay` ms after so many requests for records were answered. */
export type PlannedEvent = { after: number; delay: number } & (
  | { kind: 'nothing' | 'kill' | 'second sync' | 'expired tokens' | 'wrong clock' }
  | { kind: 'stop'; signal: 'SIGTERM' | 'SIGINT' }
  | { kind: 'database away'; lasts: number }
  /** From this run on. */
  | { kind: 'stream refused'; status: 403 | 404; runs: number }
)

type EventKind = PlannedEvent['kind']

const EVENTS: readonly EventKind[] = [
  'nothing',
  'kill',
  'kill',
  'kill',
  'stop',
  'database away',
  'second sync',
  'expired tokens',
  'wrong clock',
  'stream refused'
]
/** The pauses between runs: most are short, one is longer than cdr_stream's history, one is of days. */
const PAUSES: readonly Pause[] = [...Array<Pause>(7).fill('short'), 'long', 'days']

type Pause = 'none' | 'short' | 'long' | 'days'

/** The same seed gives the same plan; a shorter one is the beginning of a longer one. */
export function planRuns(seed: number, runs: number): PlannedRun[] {
  const draw = new Draw(`campaign ${seed}`)
  const pauses = new Deck(draw, PAUSES)
  const events = new Deck(draw, EVENTS)
  const faults = new Deck(draw, Object.keys(FAULTS) as FaultName[])
  const lies = new Deck(draw, Object.keys(LIES) as LieName[])
  const tokenFaults = new Deck(draw, Object.keys(TOKEN_FAULTS) as TokenFaultName[])
  let killedEarly = false
  return Array.from({ length: runs }, (_, index) => {
    const pause = index === 0 ? 'none' : pauses.deal()
    const isLong = pause !== 'short'
    const event = eventOf(events.deal(), draw, isLong, !killedEarly)
    // The refresh token that a rotation replaces works once more, so one may get lost, and not two in a row.
    const mayLoseToken = event.kind !== 'kill' && !killedEarly
    killedEarly = event.kind === 'kill' && event.after === 0
    return {
      advance: lengthOf(pause, draw),
      skew: event.kind === 'wrong clock' ? draw.pick([-1, 1]) * 10 * MINUTE : draw.whole(-25, 25) * SECOND,
      faults: Array.from({ length: draw.whole(isLong ? 1 : 0, 3) }, (_, nth) => ({
        name: faults.deal(),
        after: draw.whole(0, isLong ? 10 : 2),
        // What there is most to lose by meets what ends a run.
        times: isLong && nth === 0 ? 3 : draw.pick([1, 1, 1, 2, 3])
      })),
      ...(draw.chance(0.3) ? { lie: lies.deal() } : {}),
      tokenFaults: mayLoseToken && draw.chance(0.3) ? [tokenFaults.deal()] : [],
      event
    }
  })
}

function lengthOf(pause: Pause, draw: Draw): number {
  if (pause === 'none') return 0
  if (pause === 'short') return draw.whole(15 * MINUTE, 3 * HOUR)
  return pause === 'long' ? draw.whole(14 * HOUR, 30 * HOUR) : draw.whole(72 * HOUR, 120 * HOUR)
}

function eventOf(kind: EventKind, draw: Draw, isLong: boolean, mayKillEarly: boolean): PlannedEvent {
  const after = draw.whole(1, isLong ? 12 : 2)
  const delay = draw.whole(0, 120)
  switch (kind) {
    case 'kill':
      // Before the first request it is the start of the program that is met.
      return mayKillEarly && draw.chance(0.25)
        ? { kind, after: 0, delay: draw.whole(100, 1_500) }
        : { kind, after, delay }
    case 'stop':
      return { kind, after, delay, signal: draw.pick(['SIGTERM', 'SIGINT']) }
    case 'database away':
      return { kind, after: draw.whole(0, after), delay, lasts: draw.whole(500, 3_000) }
    case 'second sync':
      return { kind, after: 0, delay: draw.whole(0, 500) }
    case 'stream refused':
      return { kind, after, delay, status: draw.pick([403, 404]), runs: draw.whole(1, 4) }
    default:
      return { kind, after, delay }
  }
}

/** Deals every card once before one comes again, so that a short plan has some of everything. */
class Deck<T> {
  private rest: T[] = []

  constructor(
    private readonly draw: Draw,
    private readonly cards: readonly T[]
  ) {}

  deal(): T {
    if (this.rest.length === 0) this.rest = [...this.cards]
    return this.rest.splice(this.draw.whole(0, this.rest.length - 1), 1)[0] as T
  }
}
