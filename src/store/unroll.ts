/** A row that the database does not take, by the position of its item in the page, and why. */
export interface Refusal {
  row: number
  reason: string
}

/** Stores rows and undoes it; gives the reason when one of them is refused. */
export type Attempt = (rows: readonly number[]) => Promise<string | undefined>

/**
 * Finds the rows of a page that the database refuses, by halving. Each attempt is a transaction of its own, as an
 * error may end the one it happens in.
 */
export async function refusedAmong(rows: readonly number[], attempt: Attempt): Promise<Refusal[]> {
  const refused = await refusedAlone(rows, attempt)
  const rest = without(rows, refused)
  return [...refused, ...(await refusedBesideOthers(rest, attempt))]
}

export function without(rows: readonly number[], refused: readonly Refusal[]): number[] {
  const bad = new Set(refused.map(({ row }) => row))
  return rows.filter((row) => !bad.has(row))
}

async function refusedAlone(rows: readonly number[], attempt: Attempt): Promise<Refusal[]> {
  const reason = await attempt(rows)
  if (reason === undefined) return []
  const [row] = rows
  if (row !== undefined && rows.length === 1) return [{ row, reason }]
  const middle = Math.ceil(rows.length / 2)
  return [
    ...(await refusedAlone(rows.slice(0, middle), attempt)),
    ...(await refusedAlone(rows.slice(middle), attempt))
  ]
}

/** Rows that are refused only after others, as by a unique index that somebody added: the later one goes. */
async function refusedBesideOthers(rows: readonly number[], attempt: Attempt): Promise<Refusal[]> {
  const refused: Refusal[] = []
  const taken: number[] = []
  const take = async (part: readonly number[]): Promise<void> => {
    const [row] = part
    if (row === undefined) return
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
