import type { EntityManager } from 'typeorm'
import { CdrCoverage, type CoverageSource } from '../entities/index.js'
import type { Coverage } from './coverage.js'

interface Row {
  source: CoverageSource
  start: number
  end: number
  read?: number
}

export async function readCoverage(manager: EntityManager, scope: string): Promise<Coverage> {
  return coverageOf(await manager.findBy(CdrCoverage, { scope }))
}

/** The scopes that something was asked for. */
export async function coveredScopes(manager: EntityManager): Promise<string[]> {
  const rows = await manager
    .createQueryBuilder(CdrCoverage, 'c')
    .select('c.scope', 'scope')
    .where({ source: 'asked' })
    .groupBy('c.scope')
    .orderBy('c.scope')
    .getRawMany<{ scope: string }>()
  return rows.map(({ scope }) => scope)
}

/**
 * Writes what has changed of a scope's coverage. Part of a transaction.
 * @returns the coverage as it is now
 */
export async function changeCoverage(
  manager: EntityManager,
  scope: string,
  change: (coverage: Coverage) => Coverage
): Promise<Coverage> {
  const stored = await manager.findBy(CdrCoverage, { scope })
  const changed = change(coverageOf(stored))
  const rows = new Map(rowsOf(changed).map((row) => [keyOf(row), row]))
  // A row that is not needed any more is used again: whoever syncs needs no right to delete.
  const free = stored.filter((row) => !rows.delete(keyOf(rowOf(row)))).map(({ id }) => id)
  for (const row of rows.values()) {
    const id = free.shift()
    if (id === undefined) await insert(manager, { scope, ...columnsOf(row) })
    else await manager.update(CdrCoverage, { id }, columnsOf(row))
  }
  const unused = stored.filter(
    ({ id, startUtc, endUtc }) => free.includes(id) && startUtc.getTime() !== endUtc?.getTime()
  )
  for (const { id, startUtc } of unused) await manager.update(CdrCoverage, { id }, { endUtc: startUtc })
  return changed
}

function coverageOf(stored: readonly CdrCoverage[]): Coverage {
  const rows = stored.map(rowOf).filter(({ start, end }) => start < end)
  const of = (source: CoverageSource) =>
    rows.filter((row) => row.source === source).sort((a, b) => a.start - b.start)
  const ranges = (source: CoverageSource) => of(source).map(({ start, end }) => ({ start, end }))
  return {
    asked: ranges('asked'),
    feed: of('cdr_feed').map(({ start, end, read = start }) => ({ start, end, read })),
    stream: ranges('cdr_stream'),
    settled: ranges('settled'),
    accepted: ranges('accepted')
  }
}

function rowsOf({ asked, feed, stream, settled, accepted }: Coverage): Row[] {
  const rows = (source: CoverageSource, ranges: readonly Omit<Row, 'source'>[]) =>
    ranges.map((range) => ({ source, ...range }))
  return [
    ...rows('asked', asked),
    ...rows('cdr_feed', feed),
    ...rows('cdr_stream', stream),
    ...rows('settled', settled),
    ...rows('accepted', accepted)
  ]
}

function rowOf({ source, startUtc, endUtc, readUtc }: CdrCoverage): Row {
  const end = endUtc?.getTime() ?? Number.POSITIVE_INFINITY
  return { source, start: startUtc.getTime(), end, ...(readUtc ? { read: readUtc.getTime() } : {}) }
}

function columnsOf({ source, start, end, read }: Row) {
  return {
    source,
    startUtc: new Date(start),
    endUtc: end === Number.POSITIVE_INFINITY ? null : new Date(end),
    readUtc: read === undefined ? null : new Date(read)
  }
}

function keyOf({ source, start, end, read }: Row): string {
  return `${source} ${start} ${end} ${read ?? ''}`
}

async function insert(manager: EntityManager, row: Partial<CdrCoverage>): Promise<void> {
  await manager.createQueryBuilder().insert().into(CdrCoverage).values(row).updateEntity(false).execute()
}
