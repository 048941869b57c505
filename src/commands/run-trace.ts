import { parseRange } from '../config/moments.js'
import { messageOf, UsageError } from '../errors.js'
import { replaceFile } from '../replace-file.js'
import type { AskedRange, Trace } from '../trace/trace.js'
import type { Context } from './context.js'
import { readDatabase } from './read-database.js'

interface TraceOptions {
  since: string | undefined
  until: string | undefined
  html: string | undefined
  json: boolean
}

/** In ms. */
const USUAL = 30 * 86_400_000

export async function runTrace(context: Context, typed: string, options: TraceOptions): Promise<number> {
  if (typed.trim() === '') throw new UsageError('trace needs a number, a name, an e-mail address or an ID')
  const now = context.now()
  const range = rangeOf(options, now)
  const found = await readDatabase(context, async ({ manager }) => {
    const { traceOf } = await import('../trace/trace.js')
    return traceOf(manager, typed, range, now)
  })
  if (options.json)
    context.print(JSON.stringify(found, (name, value) => (name === 'key' ? undefined : value)))
  else {
    const { sayTrace } = await import('../trace/say-trace.js')
    for (const line of sayTrace(found)) context.print(line)
  }
  if (options.html !== undefined) await writePage(options.html, found)
  return 0
}

/** @throws UsageError */
function rangeOf(options: TraceOptions, now: number): AskedRange {
  const { since, until } = parseRange(options, now)
  return {
    since: since ?? (until ?? now) - USUAL,
    until,
    isGiven: since !== undefined || until !== undefined
  }
}

/** @throws UsageError */
async function writePage(path: string, found: Trace): Promise<void> {
  const [call] = found.calls
  if (!call || !found.journey) {
    const matching = found.calls.length + found.more
    throw new UsageError(
      matching === 0
        ? '--html shows one call, and none matches'
        : `--html shows one call, and ${matching} match: give the Journey ID of one, or narrow the range with --since and --until`
    )
  }
  const { tracePage } = await import('../trace/page.js')
  try {
    replaceFile(path, tracePage(call, found.journey, found), true)
  } catch (error) {
    throw new UsageError(`cannot write --html ${path}: ${messageOf(error)}`)
  }
}
