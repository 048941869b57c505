import { isLookDue, isStreamable, type Known, knownAfter, planRun, type Wanted } from '../coverage/plan.js'
import { DAY, RULES } from '../coverage/rules.js'
import { scopeOf, trackOf } from '../coverage/scope.js'
import { isRefusal } from '../errors.js'
import type { CdrSource } from '../webex/cdr-source.js'
import { refusedAt } from './failures.js'
import { fillGaps } from './fill-gaps.js'
import { readKnown } from './known.js'
import { predecessorWatermark } from './predecessor.js'
import type { SyncResult } from './result.js'
import { type RunParts, type RunRequest, runSource } from './run.js'
import { RefusedWindowsError } from './window-reader.js'

export interface SyncRequest extends Pick<Wanted, 'since' | 'until' | 'lookback'> {
  locations: readonly string[]
  /** Fetches and counts only. */
  dryRun: boolean
  /** auto: cdr_stream for what is new, cdr_feed for what it no longer has, and once a day to see that all came. */
  source: 'auto' | 'feed' | 'stream'
  /** Fetches what gaps lack, in place of what is new. */
  fillGaps?: boolean
}

export interface SyncParts extends RunParts {
  feed: CdrSource
  stream: CdrSource
}

/**
 * One run, or with `auto` as many as it takes, each yielded when it has ended.
 * @throws what ended a run; a RefusedWindowsError once the others are done
 */
export async function* syncSources(
  request: SyncRequest,
  parts: SyncParts
): AsyncGenerator<SyncResult, void, undefined> {
  if (request.fillGaps) yield* fillGaps(parts.feed, request, parts)
  else yield* (await SourceSync.prepare(request, parts)).runs()
}

/** How long a source that was refused is left alone, in ms. */
const REFUSAL_LASTS = DAY

class SourceSync {
  private readonly refused: RefusedWindowsError[] = []

  private constructor(
    private readonly request: SyncRequest,
    private readonly parts: SyncParts,
    private readonly history: number | undefined,
    private known: Known
  ) {}

  static async prepare(request: SyncRequest, parts: SyncParts): Promise<SourceSync> {
    const { manager } = parts.dataSource
    const known = await readKnown(manager, scopeOf(request.locations), parts.now())
    const isAdopted = (await predecessorWatermark(manager)) !== undefined
    if (isAdopted && known.coverage.asked.length === 0 && request.source !== 'stream') {
      parts.log.info(
        'the first sync after the Python tool fetches everything that Webex still has (30 days): about an hour'
      )
    }
    return new SourceSync(request, parts, isAdopted ? RULES.cdr_feed.kept : undefined, known)
  }

  async *runs(): AsyncGenerator<SyncResult, void, undefined> {
    const { source, since, until, lookback } = this.request
    const { feed, stream } = this.parts
    const wanted = { since, until, lookback }
    if (source === 'stream') yield* this.read(stream, wanted, { streamOnly: true })
    else if (source === 'feed' || until !== undefined || (await this.isStreamRefused()))
      yield* this.read(feed, { ...wanted, look: isLookDue(this.known) })
    else if (since === undefined && lookback === undefined && isStreamable(this.known)) yield* this.streamed()
    else yield* this.handedOver(wanted)
    if (this.refused[0]) throw this.refused[0]
  }

  /** cdr_stream, and once a day cdr_feed to see that all came. */
  private async *streamed(): AsyncGenerator<SyncResult, void, undefined> {
    const isServed = yield* this.readOptional(this.parts.stream)
    const look = isLookDue(this.known)
    if (look || !isServed) yield* this.read(this.parts.feed, { look }, { verifies: isServed })
  }

  /** cdr_feed for what cdr_stream no longer has, with all that came late in that time, or for what is asked for. */
  private async *handedOver(wanted: Wanted): AsyncGenerator<SyncResult, void, undefined> {
    const look = !isStreamable(this.known) || isLookDue(this.known)
    yield* this.read(this.parts.feed, { ...wanted, look })
    yield* this.readOptional(this.parts.stream)
  }

  /** @returns false where the source is refused: then the other one does it all */
  private async *readOptional(source: CdrSource): AsyncGenerator<SyncResult, boolean, undefined> {
    try {
      yield* this.read(source, {}, { optional: true })
      return true
    } catch (error) {
      if (!isRefusal(error)) throw error
      const later = this.request.dryRun ? '' : `, ${source.name} is tried again tomorrow`
      this.parts.log.warn(`${error.message}; continuing with cdr_feed only${later}`)
      return false
    }
  }

  private async *read(
    source: CdrSource,
    wanted: Wanted,
    more: Pick<RunRequest, 'optional' | 'streamOnly' | 'verifies'> = {}
  ): AsyncGenerator<SyncResult, void, undefined> {
    const { known, parts } = this
    const { locations, dryRun } = this.request
    const plan = planRun(source.name, known, { ...wanted, history: this.history })
    try {
      yield await runSource(source, { locations, dryRun, since: wanted.since, plan, known, ...more }, parts)
    } catch (error) {
      if (!(error instanceof RefusedWindowsError)) throw error
      this.refused.push(error)
    }
    // A dry run leaves nothing in the database for the next one.
    this.known = dryRun
      ? knownAfter(known, source.name, plan)
      : await readKnown(parts.dataSource.manager, scopeOf(locations), parts.now())
  }

  private async isStreamRefused(): Promise<boolean> {
    const { parts, request } = this
    const tried = await refusedAt(parts.dataSource.manager, trackOf('cdr_stream', request.locations))
    // One of the future was written by a clock that was wrong.
    return tried !== undefined && tried <= parts.now() && parts.now() - tried < REFUSAL_LASTS
  }
}
