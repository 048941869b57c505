import { type EntityManager, type FindOptionsSelect, In } from 'typeorm'
import { CdrRecord } from '../entities/index.js'

/** A list of parameters that SQL Server takes has fewer than 2,100. */
const PARAMETERS = 1_000

/** The records with one of these IDs. @param select what of them; by default all */
export async function findRecords(
  manager: EntityManager,
  column: 'reportId' | 'journeyId',
  ids: readonly string[],
  select?: FindOptionsSelect<CdrRecord>
): Promise<CdrRecord[]> {
  const found: CdrRecord[] = []
  for (let at = 0; at < ids.length; at += PARAMETERS) {
    const where = { [column]: In(ids.slice(at, at + PARAMETERS)) }
    found.push(...(await manager.find(CdrRecord, { where, ...(select ? { select } : {}) })))
  }
  return found
}
