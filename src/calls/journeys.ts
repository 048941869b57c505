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
  const sorted = inOrder(legs)
  const groups = new Groups(sorted.length)
  joinSessions(sorted, groups)
  joinTransfers(sorted, groups)
  const byRoot = new Map<number, CallLeg[]>()
  for (let index = 0; index < sorted.length; index += 1) {
    const root = groups.rootOf(index)
    const members = byRoot.get(root)
    if (members) members.push(sorted[index]!)
    else byRoot.set(root, [sorted[index]!])
  }
  return [...byRoot.values()].map((members) => ({ id: journeyIdOf(members[0]!), legs: members }))
}

function inOrder(legs: readonly CallLeg[]): CallLeg[] {
  return legs.toSorted(
    (a, b) => a.startTime.getTime() - b.startTime.getTime() || (a.reportId < b.reportId ? -1 : 1)
  )
}

function joinSessions(sorted: readonly CallLeg[], groups: Groups): void {
  for (const column of ['correlationId', 'interactionId'] as const) {
    const last = new ByOrganisation<number>()
    for (let index = 0; index < sorted.length; index += 1) {
      const leg = sorted[index]!
      const id = said(leg[column])
      if (id === null) continue
      const ofOrg = last.of(leg)
      const before = ofOrg.get(id)
      if (before !== undefined && apart(leg, sorted[before]!) <= SAME_SESSION) groups.join(before, index)
      ofOrg.set(id, index)
    }
  }
}

function joinTransfers(sorted: readonly CallLeg[], groups: Groups): void {
  const transferred = new ByOrganisation<number[]>()
  for (const [index, leg] of sorted.entries()) {
    const from = said(leg.transferRelatedCallId)
    if (from === null) continue
    const ofOrg = transferred.of(leg)
    const others = ofOrg.get(from)
    if (others) others.push(index)
    else ofOrg.set(from, [index])
  }
  if (transferred.isEmpty) return
  for (const [index, leg] of sorted.entries()) {
    for (const other of transferred.of(leg).get(leg.localCallId ?? '') ?? []) {
      if (apart(leg, sorted[other]!) <= TRANSFER) groups.join(index, other)
    }
  }
}

/** By the ID of something in one organisation. */
class ByOrganisation<Value> {
  private readonly maps = new Map<string, Map<string, Value>>()

  get isEmpty(): boolean {
    return this.maps.size === 0
  }

  of({ orgId }: CallLeg): Map<string, Value> {
    let map = this.maps.get(orgId ?? '')
    if (!map) {
      map = new Map()
      this.maps.set(orgId ?? '', map)
    }
    return map
  }
}

/**
 * The ID of the journey that a leg is the first one of. It is the same for every later leg of the day with this
 * Correlation ID; of two calls with one Correlation ID, the first legs begin more than a day apart. It has the day where
 * SQLite, and where SQL Server, sorts UUIDs by: what is stored together lies together in their indexes.
 */
export function journeyIdOf({ orgId, correlationId, reportId, startTime }: CallLeg): string {
  const day = Math.floor(startTime.getTime() / (24 * HOUR))
  const of = uuidOfHash([orgId ?? '', said(correlationId) ?? `Report ID ${reportId}`, day].join('\u001f'))
  const sorted = (day >>> 0).toString(16).padStart(8, '0')
  return `${sorted}${of.slice(8, 24)}${sorted.slice(4)}${of.slice(28)}`
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
