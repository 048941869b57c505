import { Brackets, type EntityManager, type ObjectLiteral, type SelectQueryBuilder } from 'typeorm'
import { currentDialect } from '../entities/dialect.js'
import { CdrCall, CdrCallParty, CdrRecord } from '../entities/index.js'
import { moments, type Span } from './span.js'

/** Selects journey IDs. */
export type Ids = SelectQueryBuilder<ObjectLiteral>

/** Queries for the journey IDs of calls. Records are found by an index, at all times; calls and parties in a range. */
export class Selection {
  constructor(
    private readonly manager: EntityManager,
    private readonly span: Span
  ) {}

  /** @param condition begins with a column that has an index */
  records(condition: string, parameters: ObjectLiteral): Ids {
    return this.manager
      .createQueryBuilder(CdrRecord, 'r')
      .select('r.journeyId')
      .where(`r.${condition}`, parameters)
  }

  call(id: string): Ids {
    return this.manager.createQueryBuilder(CdrCall, 'k').select('k.journeyId').where({ journeyId: id })
  }

  callers(userIds: readonly string[]): Ids {
    return this.calls().andWhere('k.callingUserId IN (:...userIds)', { userIds })
  }

  parties(condition: string | Brackets, parameters: ObjectLiteral): Ids {
    return this.manager
      .createQueryBuilder(CdrCallParty, 'p')
      .select('p.journeyId')
      .where('p.callStartUtc >= :since AND p.callStartUtc < :until', moments(this.span))
      .andWhere(condition, parameters)
  }

  /** @param parts of names */
  named(parts: readonly string[]): Ids[] {
    const has = (...columns: string[]) =>
      new Brackets((any) => {
        for (const column of columns)
          for (const [index, part] of parts.entries())
            any.orWhere(contains(column, `part${index}`), { [`part${index}`]: containedIn(part) })
      })
    const names = has('k.callingName', 'k.calledName', 'k.answeredByName', 'k.services')
    return [this.calls().andWhere(names), this.parties(has('p.name'), {})]
  }

  private calls(): Ids {
    // Through its index SQLite would read row by row, which takes four times as long as the whole table.
    const began = currentDialect() === 'mssql' ? 'k.startUtc' : '+ k.startUtc'
    return this.manager
      .createQueryBuilder(CdrCall, 'k')
      .select('k.journeyId')
      .where(`${began} >= :since AND ${began} < :until`, moments(this.span))
  }
}

/** Without regard to the case of A to Z: in SQL Server as its collation has it. */
function contains(column: string, parameter: string): string {
  return currentDialect() === 'mssql'
    ? `CHARINDEX(:${parameter}, ${column}) > 0`
    : `${column} LIKE :${parameter} ESCAPE '\\'`
}

function containedIn(part: string): string {
  return currentDialect() === 'mssql' ? part : `%${part.replace(/[\\%_]/g, '\\$&')}%`
}
