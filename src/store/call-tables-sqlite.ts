import type { Database, Statement } from 'better-sqlite3'
import type { EntityManager, EntityMetadata } from 'typeorm'
import type { Call } from '../calls/call.js'
import { SAME_SESSION, TRANSFER } from '../calls/journeys.js'
import { type CallLeg, said } from '../calls/leg.js'
import { NOW } from '../entities/columns.js'
import { CdrCall, CdrCallParty } from '../entities/index.js'
import type { CallTables } from './call-tables.js'
import { type Bound, binder, timeText } from './row-binding.js'

/** A statement each for the few things that are asked often. */
export class SqliteCallTables implements CallTables {
  private readonly statements: Statements

  constructor(manager: EntityManager) {
    const { databaseConnection: database } = manager.dataSource.driver as unknown as {
      databaseConnection: Database
    }
    let statements = prepared.get(database)
    if (!statements) {
      statements = prepare(
        database,
        manager.dataSource.getMetadata(CdrCall),
        manager.dataSource.getMetadata(CdrCallParty)
      )
      prepared.set(database, statements)
    }
    this.statements = statements
  }

  /** A transaction that writes is the only one. */
  async lock(): Promise<void> {}

  async related(legs: readonly CallLeg[], known: ReadonlyMap<string, CallLeg>): Promise<string[]> {
    const found = new Set<string>()
    for (const { given, wanted, within } of LINKS) {
      const { count, find } = this.statements.links[wanted]
      for (const [id, { from, to, legs: here }] of rangesOf(legs, given)) {
        // As a rule there is none but these legs, which the index alone tells.
        if (count.get(id) === (given === wanted ? here : 0)) continue
        const rows = find.all(id, timeText(new Date(from - within)), timeText(new Date(to + within)))
        for (const { reportId } of rows) if (!known.has(reportId)) found.add(reportId)
      }
    }
    return [...found]
  }

  async replace(gone: ReadonlySet<string>, calls: Iterable<Call>): Promise<void> {
    const { start, deleteCall, deleteParties, insertCall, insertParty } = this.statements
    const remove = (journeyId: string) => {
      const there = start.get(journeyId)
      if (!there) return
      deleteParties.run(there.startUtc, journeyId)
      deleteCall.run(journeyId)
    }
    for (const journeyId of gone) remove(journeyId)
    for (const { call, parties } of calls) {
      // Most are new.
      if (!insertCall.insert(call)) {
        remove(call.journeyId)
        insertCall.insert(call)
      }
      for (const party of parties) insertParty.insert(party)
    }
  }
}

type LinkColumn = 'correlationId' | 'interactionId' | 'localCallId' | 'transferRelatedCallId'

/** What a leg has, and what another one has of the same value where they may belong together, within so many ms. */
const LINKS: readonly { given: LinkColumn; wanted: LinkColumn; within: number }[] = [
  { given: 'correlationId', wanted: 'correlationId', within: SAME_SESSION },
  { given: 'interactionId', wanted: 'interactionId', within: SAME_SESSION },
  { given: 'transferRelatedCallId', wanted: 'localCallId', within: TRANSFER },
  { given: 'localCallId', wanted: 'transferRelatedCallId', within: TRANSFER }
]

/** Legs with the same ID: how many there are, and between which Start times they begin, in ms since 1970 UTC. */
interface IdRange {
  from: number
  to: number
  legs: number
}

function rangesOf(legs: readonly CallLeg[], column: LinkColumn): Map<string, IdRange> {
  const ranges = new Map<string, IdRange>()
  for (const leg of legs) {
    const id = said(leg[column])
    if (id === null) continue
    const time = leg.startTime.getTime()
    const range = ranges.get(id)
    if (!range) {
      ranges.set(id, { from: time, to: time, legs: 1 })
      continue
    }
    range.legs += 1
    if (time < range.from) range.from = time
    else if (time > range.to) range.to = time
  }
  return ranges
}

interface Link {
  count: Statement<[string], number>
  find: Statement<unknown[], { reportId: string }>
}

interface Statements {
  links: Record<LinkColumn, Link>
  start: Statement<[string], { startUtc: string }>
  deleteCall: Statement<[string]>
  deleteParties: Statement<[string, string]>
  insertCall: Insert
  insertParty: Insert
}

const prepared = new WeakMap<Database, Statements>()

function prepare(database: Database, calls: EntityMetadata, parties: EntityMetadata): Statements {
  const link = (column: string): Link => ({
    count: database.prepare<[string], number>(`SELECT COUNT(*) FROM cdr_records WHERE ${column} = ?`).pluck(),
    find: database.prepare(
      `SELECT report_id AS reportId FROM cdr_records WHERE ${column} = ? AND start_time BETWEEN ? AND ?`
    )
  })
  return {
    links: {
      correlationId: link('correlation_id'),
      interactionId: link('interaction_id'),
      localCallId: link('local_call_id'),
      transferRelatedCallId: link('transfer_related_call_id')
    },
    start: database.prepare('SELECT start_utc AS startUtc FROM cdr_calls WHERE journey_id = ?'),
    deleteCall: database.prepare('DELETE FROM cdr_calls WHERE journey_id = ?'),
    deleteParties: database.prepare(
      'DELETE FROM cdr_call_parties WHERE call_start_utc = ? AND journey_id = ?'
    ),
    insertCall: new Insert(database, calls, 'ON CONFLICT (journey_id) DO NOTHING'),
    insertParty: new Insert(database, parties)
  }
}

/** Inserts rows of an entity; the database fills `updated_utc`. */
class Insert {
  private readonly statement: Statement<unknown[]>
  private readonly bound: (row: Readonly<Record<string, unknown>>) => readonly Bound[]

  constructor(database: Database, { tableName, columns }: EntityMetadata, onConflict = '') {
    const names = columns.map(({ databaseName }) => databaseName)
    const values = names.map((name) => (name === STAMP ? NOW : '?'))
    const given = columns.filter(({ databaseName }) => databaseName !== STAMP)
    this.bound = binder(given.map((metadata) => ({ property: metadata.propertyName, metadata })))
    this.statement = database.prepare(
      `INSERT INTO ${tableName} (${names.join(', ')}) VALUES (${values.join(', ')}) ${onConflict}`
    )
  }

  /** @returns false on a conflict that is ignored */
  insert(row: object): boolean {
    return this.statement.run(this.bound(row as Record<string, unknown>)).changes === 1
  }
}

const STAMP = 'updated_utc'
