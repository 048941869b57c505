import type { CdrRow } from '../record/record.js'

/** A row that the database does not take, and why. */
export interface Refusal {
  row: CdrRow
  reason: string
}

/** Stores rows and undoes it; gives the reason when one of them is refused. */
export type Attempt = (rows: readonly CdrRow[]) => Promise<string | undefined>

/**
 * Finds the rows of a page that the database refuses, by halving. Each attempt is a transaction of its own, as an
 * error may end the one it happens in.
 */
export async function refusedAmong(rows: readonly CdrRow[], attempt: Attempt): Promise<Refusal[]> {
  const refused = await refusedAlone(rows, attempt)
  const rest = without(rows, refused)
  return [...refused, ...(await refusedBesideOthers(rest, attempt))]
}

export function without(rows: readonly CdrRow[], refused: readonly Refusal[]): CdrRow[] {
  const bad = new Set(refused.map(({ row }) => row))
  return rows.filter((row) => !bad.has(row))
}

async function refusedAlone(rows: readonly CdrRow[], attempt: Attempt): Promise<Refusal[]> {
  const reason = await attempt(rows)
  if (reason === undefined) return []
  const [row] = rows
  if (row && rows.length === 1) return [{ row, reason }]
  const middle = Math.ceil(rows.length / 2)
  return [
    ...(await refusedAlone(rows.slice(0, middle), attempt)),
    ...(await refusedAlone(rows.slice(middle), attempt))
  ]
}

/** Rows that are refused only after others, as by a unique index that somebody added: the later one goes. */
async function refusedBesideOthers(rows: readonly CdrRow[], attempt: Attempt): Promise<Refusal[]> {
  const refused: Refusal[] = []
  const taken: CdrRow[] = []
  const take = async (part: readonly CdrRow[]): Promise<void> => {
    const [row] = part
    if (!row) return
    const reason = await attempt([...taken, ...part])
    if (reason === undefined) {
      taken.push(...part)
    } else if (part.length === 1) {
      refused.push({ row, reason })
    } else {
      const middle = Math.ceil(part.length / 2)
      await take(part.slice(0, middle))
      await take(part.slice(middle))
    }
  }
  await take(rows)
  return refused
}
