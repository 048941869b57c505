import { type EntityManager, In, type ObjectLiteral } from 'typeorm'
import { CdrCall } from '../entities/index.js'
import { type Asked, formsOf, spellingsOf } from './asked.js'
import { type Ids, Selection } from './selection.js'
import { NUMBERS, similarNumbers } from './similar-numbers.js'
import { moments, type Span } from './span.js'

export interface SearchRange extends Span {
  /** Somebody asked for it: else IDs are looked for at all times. */
  isGiven: boolean
}

export interface FoundCalls {
  /** The newest first, no more than MOST. */
  calls: CdrCall[]
  /** How many others match. */
  more: number
  /** The numbers that are meant, if no call has exactly the one that was asked for. */
  similar: string[]
  /** When they may have begun; undefined where all times were looked at. */
  span: Span | undefined
}

/** A list that one can read. */
const MOST = 50

/** Which calls match: first by what is exactly equal, and only if there is none, by what is alike. */
export function findCalls(manager: EntityManager, asked: Asked, range: SearchRange): Promise<FoundCalls> {
  const search = new Search(manager, range)
  switch (asked.kind) {
    case 'id':
      return search.byId(asked.text)
    case 'address':
      return search.byAddress(asked.text)
    case 'number':
      return search.byNumber(asked.digits)
    case 'name':
      return search.byName(asked.text)
  }
}

class Search {
  private readonly select: Selection

  constructor(
    private readonly manager: EntityManager,
    private readonly range: SearchRange
  ) {
    this.select = new Selection(manager, range)
  }

  async byId(id: string): Promise<FoundCalls> {
    const { select } = this
    const spellings = [id, id.toUpperCase()]
    const found = await this.exactly([
      select.records('reportId = :id', { id }),
      select.records('interactionId = :id', { id }),
      select.records('correlationId IN (:...spellings)', { spellings }),
      select.call(id)
    ])
    return (
      found ??
      this.within([select.callers(spellings), select.parties('p.userId IN (:...spellings)', { spellings })])
    )
  }

  async byAddress(address: string): Promise<FoundCalls> {
    const { select } = this
    const spellings = spellingsOf(address)
    const found = await this.exactly([select.records('callId = :address', { address })])
    return (
      found ??
      this.within([
        select.records('userEmail IN (:...spellings)', { spellings }),
        select.records('callingNumber IN (:...spellings)', { spellings }),
        select.records('calledNumber IN (:...spellings)', { spellings })
      ])
    )
  }

  async byNumber(digits: string): Promise<FoundCalls> {
    const exact = await this.byNumbers(formsOf(digits))
    if (exact.calls.length > 0) return exact
    const similar = await similarNumbers(this.manager, digits)
    return similar.length === 0 ? exact : { ...(await this.byNumbers(similar)), similar }
  }

  async byName(name: string): Promise<FoundCalls> {
    const { select } = this
    const found = await this.exactly([
      select.records('callId = :name', { name }),
      select.records('correlationId = :name', { name }),
      select.records('localCallId = :name', { name })
    ])
    return found ?? this.within(select.named(spellingsOf(name)))
  }

  private byNumbers(numbers: readonly string[]): Promise<FoundCalls> {
    return this.within(
      NUMBERS.map((column) => this.select.records(`${column} IN (:...numbers)`, { numbers }))
    )
  }

  /** At all times, unless somebody asked for a range; undefined where nothing is found. */
  private async exactly(ids: readonly Ids[]): Promise<FoundCalls | undefined> {
    const found = await this.calls(ids, this.range.isGiven ? this.range : undefined)
    return found.calls.length > 0 ? found : undefined
  }

  private within(ids: readonly Ids[]): Promise<FoundCalls> {
    return this.calls(ids, this.range)
  }

  private async calls(ids: readonly Ids[], span: Span | undefined): Promise<FoundCalls> {
    const query = this.manager
      .createQueryBuilder(CdrCall, 'c')
      .select('c.journeyId', 'id')
      .addSelect('COUNT(*) OVER ()', 'total')
      .where(`c.journeyId IN (${ids.map((one) => one.getQuery()).join(' UNION ')})`)
      .orderBy('c.startUtc', 'DESC')
      .addOrderBy('c.journeyId')
      .limit(MOST)
    const parameters: ObjectLiteral = Object.assign({}, ...ids.map((one) => one.getParameters()))
    query.setParameters(parameters)
    if (span) query.andWhere('c.startUtc >= :since AND c.startUtc < :until', moments(span))
    const newest = await query.getRawMany<{ id: string; total: number | string }>()
    const calls = await this.manager.find(CdrCall, {
      where: { journeyId: In(newest.map(({ id }) => id)) },
      order: { startUtc: 'DESC', journeyId: 'ASC' }
    })
    return { calls, more: Number(newest[0]?.total ?? 0) - newest.length, similar: [], span }
  }
}
