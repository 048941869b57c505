import type { EntityManager } from 'typeorm'
import { CdrRecord } from '../entities/index.js'
import { endingOf, shorterForms } from './asked.js'

/**
 * The columns of the numbers by which one looks for a call. Between extensions only User number has the whole one of a
 * user.
 */
export const NUMBERS = ['callingNumber', 'calledNumber', 'userNumber'] as const

/** More would be no answer. */
const MOST = 100

/**
 * The numbers of the records that end as a number does, or that it ends in: `+497115550123` for `0711 5550123`, and the
 * other way round. It walks through the indexes of numbers, and so costs as much however long ago the calls were.
 */
export async function similarNumbers(manager: EntityManager, digits: string): Promise<string[]> {
  const ending = endingOf(digits)
  const like = { ending: `%${ending}`, forms: [ending, ...shorterForms(digits)] }
  const found = new Set<string>()
  for (const column of NUMBERS) {
    const numbers = await manager
      .createQueryBuilder(CdrRecord, 'n')
      .select(`n.${column}`, 'number')
      .where(`n.${column} LIKE :ending OR n.${column} IN (:...forms)`, like)
      .groupBy(`n.${column}`)
      .orderBy(`n.${column}`)
      .limit(MOST)
      .getRawMany<{ number: string }>()
    for (const { number } of numbers) found.add(number)
  }
  return [...found].slice(0, MOST).sort()
}
