import { uuidOfHash } from '../record/derived-key.js'
import { type CallLeg, said } from './leg.js'

/** The legs of one call. */
export interface Journey {
  id: string
  /** By Start time, then Report ID. */
  legs: CallLeg[]
}

const HOUR = 3_600_000
/** How far apart two legs with the same Correlation ID or Interaction ID may begin, in ms. */
export const SAME_SESSION = 72 * HOUR
/** How far apart a leg and the one that it was transferred from may begin, in ms: a Local call ID is not unique for ever. */
export const TRANSFER = 24 * HOUR

/**
 * Sorts legs into calls, as docs/BI.md defines them. The result depends on the set of legs only.
 * @param legs each once
 */
export function journeysOf(legs: readonly CallLeg[]): Journey[] {
  const sorted = [...legs].sort(
    (a, b) => a.startTime.getTime() - b.startTime.getTime() || (a.reportId < b.reportId ? -1 : 1)
  )
  const groups = new Groups(sorted.length)
  joinSessions(sorted, groups)
  joinTransfers(sorted, groups)
  const byRoot = new Map<number, CallLeg[]>()
  for (const [index, leg] of sorted.entries()) {
    const root = groups.rootOf(index)
    const members = byRoot.get(root)
    if (members) members.push(leg)
    else byRoot.set(root, [leg])
  }
  return [...byRoot.values()].map((members) => ({ id: idOf(members[0]!), legs: members }))
}

function joinSessions(sorted: readonly CallLeg[], groups: Groups): void {
  const last = new Map<string, number>()
  for (const [index, leg] of sorted.entries()) {
    for (const [kind, id] of [
      ['correlation', said(leg.correlationId)],
      ['interaction', leg.interactionId]
    ] as const) {
      if (id === null) continue
      const key = `${kind} ${leg.orgId ?? ''} ${id}`
      const before = last.get(key)
      if (before !== undefined && apart(leg, sorted[before]!) <= SAME_SESSION) groups.join(before, index)
      last.set(key, index)
    }
  }
}

function joinTransfers(sorted: readonly CallLeg[], groups: Groups): void {
  const transferred = sorted.flatMap((leg, index) => {
    const from = said(leg.transferRelatedCallId)
    return from === null ? [] : [{ leg, index, key: `${leg.orgId ?? ''} ${from}` }]
  })
  if (transferred.length === 0) return
  const wanted = new Map<string, number[]>(transferred.map(({ key }) => [key, []]))
  for (const [index, { orgId, localCallId }] of sorted.entries()) {
    wanted.get(`${orgId ?? ''} ${localCallId ?? ''}`)?.push(index)
  }
  for (const { leg, index, key } of transferred) {
    for (const other of wanted.get(key)!) {
      if (apart(leg, sorted[other]!) <= TRANSFER) groups.join(index, other)
    }
  }
}

/** The same for every later leg: of two calls with one Correlation ID, the first legs begin more than a day apart. */
function idOf({ orgId, correlationId, reportId, startTime }: CallLeg): string {
  const day = startTime.toISOString().slice(0, 10)
  return uuidOfHash([orgId ?? '', said(correlationId) ?? reportId, day].join('\u001f'))
}

function apart(a: CallLeg, b: CallLeg): number {
  return Math.abs(a.startTime.getTime() - b.startTime.getTime())
}

/** Disjoint sets of indices. */
class Groups {
  private readonly parents: Int32Array

  constructor(size: number) {
    this.parents = Int32Array.from({ length: size }, (_, index) => index)
  }

  rootOf(index: number): number {
    let root = index
    while (this.parents[root] !== root) root = this.parents[root]!
    this.parents[index] = root
    return root
  }

  join(a: number, b: number): void {
    const [one, other] = [this.rootOf(a), this.rootOf(b)]
    this.parents[Math.max(one, other)] = Math.min(one, other)
  }
}
