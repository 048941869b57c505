import type { Now } from '../clock.js'
import type { Range } from '../coverage/intervals.js'
import type { Plan } from '../coverage/plan.js'
import { FatalError, isRefusal, messageOf, StoppedError, TemporaryError } from '../errors.js'
import type { Log } from '../log.js'
import { difference } from '../store/counters.js'
import { NewFormatError } from '../store/quarantine.js'
import type { CdrSource, SourceName } from '../webex/cdr-source.js'
import type { Account } from './account.js'
import type { Findings } from './findings.js'
import { isoTime, sayWindow } from './result.js'
import { type WindowPage, windowPages } from './window-pages.js'

/** A window, and when it was asked for, in ms since 1970 UTC. */
export interface AskedWindow extends Range {
  asked: number
}

/** A window that the service did not give, or not whole, while it gave others. */
export interface RefusedWindow {
  window: Range
  error: Error
  /** The run has failed by it. One that came without all of its records only has to be asked for again. */
  fails: boolean
}

/** Of a window the service has sent fewer records than it has. */
export class IncompleteWindowError extends TemporaryError {}

/** A run has read all windows but these. */
export class RefusedWindowsError extends TemporaryError {
  constructor(source: SourceName, refused: readonly RefusedWindow[], windows: number) {
    const [first] = refused
    const { start, end } = first?.window ?? { start: 0, end: 0 }
    super(
      `${source} refused ${refused.length} of ${windows} windows; the others are stored, and these are asked for again. From ${isoTime(start)} to ${isoTime(end)}: ${messageOf(first?.error)}`
    )
  }
}

export interface ReadingRun {
  parts: { log: Log; now: Now; signal: AbortSignal }
  request: { dryRun: boolean }
  plan: Plan
  account: Account
  findings: Findings
}

type Work = (window: AskedWindow, page: WindowPage) => Promise<void>

/** Reads the windows of a run. */
export class WindowReader {
  readonly refused: RefusedWindow[] = []
  /** The service has answered with a page. */
  hasRead = false
  /** All windows are read before this moment, in ms since 1970 UTC. */
  reached = 0

  constructor(
    private readonly source: CdrSource,
    private readonly locations: readonly string[],
    private readonly run: ReadingRun
  ) {}

  /**
   * Window after window, the oldest first. One that fails is passed by, so that newer records do not wait for it.
   * @throws what ended the run
   */
  async read(work: Work): Promise<void> {
    const windows = [...this.run.plan.windows]
    let failed: RefusedWindow[] = []
    while (windows.length > 0) {
      // Two in a row may be a matter of the service, not of the windows: the newest one tells.
      const window = (failed.length < 2 ? windows.shift() : windows.pop()) as Range
      if (failed.length === 0) this.reached = Math.max(this.reached, window.start)
      try {
        await this.readWindow(window, work)
        if (failed.length === 0) this.reached = window.end
        this.refused.push(...failed)
        failed = []
      } catch (error) {
        if (failed.length >= 2 || !isOfWindow(error)) throw error
        failed.push({ window, error, fails: true })
      }
    }
    if (failed[0]) throw failed[0].error
  }

  /** @throws RefusedWindowsError where windows were passed by */
  requireAll(): void {
    const { failed, source, run } = this
    if (failed.length > 0) throw new RefusedWindowsError(source.name, failed, run.plan.windows.length)
  }

  /** Windows that were passed by. */
  get failed(): RefusedWindow[] {
    return this.refused.filter(({ fails }) => fails)
  }

  /** Windows that came to their end and lack something. */
  get incomplete(): number {
    return this.refused.filter(({ fails }) => !fails).length
  }

  private async readWindow(window: Range, work: Work): Promise<void> {
    const { account, parts, findings, request } = this.run
    const before = account.counters
    const asked = { ...window, asked: parts.now() }
    let pages = 0
    for await (const page of windowPages(this.source, window, this.locations)) {
      this.hasRead = true
      await work(asked, page)
      if (page.doubt) {
        findings.remark(page.doubt)
        this.refused.push({ window, error: new IncompleteWindowError(page.doubt), fails: false })
      }
      const stopped = stoppedBy(parts.signal)
      if (stopped) throw stopped
      pages += 1
    }
    parts.log.info(sayWindow(window, pages, difference(account.counters, before), request.dryRun))
  }
}

/** Why somebody wants a run to end before its time. */
export function stoppedBy(signal: AbortSignal): StoppedError | undefined {
  return signal.aborted && signal.reason instanceof StoppedError ? signal.reason : undefined
}

function isOfWindow(error: unknown): error is Error {
  if (isRefusal(error) || error instanceof NewFormatError) return false
  return error instanceof TemporaryError || error instanceof FatalError
}
