import { sleep } from '../clock.js'
import type { Settings } from '../config/settings.js'
import type { LeasedParts } from '../database/leased-transaction.js'
import { TemporaryError } from '../errors.js'
import { createClient } from '../webex/client.js'
import { requirePossible, serviceTime } from '../webex/clock-skew.js'
import type { HistoryParts, HistoryStep } from './history.js'
import { holdingLease, onceFree, waitFor } from './holding-lease.js'
import type { HistoryRequest } from './planned-reports.js'
import type { SyncTools } from './sync.js'

const MINUTE = 60_000
/** Between two looks at a report, in ms; it doubles. */
const PAUSES = { first: MINUTE / 2, longest: 60 * MINUTE }
/** How long a report is waited for, in ms. */
const PATIENCE = 24 * 60 * MINUTE

export type HistoryTools = Required<Pick<SyncTools, 'signal'>> & Omit<SyncTools, 'ended'>

/**
 * Has Webex make reports of calls that its other APIs have no more, and stores them. Each step has the lease for itself,
 * so that a sync can run while Webex works. It may be ended at any moment and goes on the next time.
 * @throws ForbiddenError, NotServedError where the Reports API is not served to us; else what ended it
 */
export async function syncHistory(
  settings: Settings,
  request: HistoryRequest,
  tools: HistoryTools & Pick<HistoryParts, 'looked' | 'stored'>
): Promise<void> {
  const underLease = leasedSteps(settings, tools)
  const memory: Pick<HistoryParts, 'passed' | 'failed'> = { passed: [], failed: [] }
  const { looked, stored } = tools
  let last: HistoryStep | undefined
  let pause = PAUSES.first
  let waited = 0
  for (;;) {
    const step = await underLease(async (parts) => {
      const { historyStep } = await import('./history.js')
      return historyStep(request, { ...parts, rawJson: settings.rawJson, ...memory, looked, stored })
    })
    if (step === 'done') return
    if (step !== last) {
      pause = PAUSES.first
      waited = 0
    }
    last = step
    if (step === 'next') continue
    if (waited >= PATIENCE) {
      throw new TemporaryError(
        'Webex has not made the report within a day, or gives no file; run the command again, and it goes on waiting'
      )
    }
    await waitFor(tools, pause)
    waited += pause
    pause = Math.min(pause * 2, PAUSES.longest)
  }
}

/** The days of the reports that `syncHistory` would ask for; asks for none. */
export function rehearseHistory(
  settings: Settings,
  request: HistoryRequest,
  tools: HistoryTools
): Promise<[first: string, last: string][]> {
  return leasedSteps(
    settings,
    tools
  )(async (parts) => {
    const { daysOf } = await import('./history.js')
    const { plannedReports } = await import('./planned-reports.js')
    const planned = await plannedReports(request, { ...parts, passed: [] })
    return planned?.ranges.map(daysOf) ?? []
  })
}

type StepParts = LeasedParts & Pick<HistoryParts, 'reports' | 'now'>

/** Does a step once no other process has the lease, with one client for all steps. */
function leasedSteps(settings: Settings, tools: HistoryTools) {
  const { secrets, log, now, sleep: wait = sleep, signal } = tools
  const { http, token, reports } = createClient(settings.webex, { secrets, log, now, sleep: wait, signal })
  const present = serviceTime(http, now)
  return <T>(step: (parts: StepParts) => Promise<T>): Promise<T> =>
    onceFree(
      () =>
        holdingLease(settings, tools, async (leased) => {
          await token.get()
          requirePossible(present())
          return step({ ...leased, reports, now: present })
        }),
      tools
    )
}
