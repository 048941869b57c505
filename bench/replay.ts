import mssql from 'mssql'

/** One request, as it was made before; it takes a new Request. */
export type Step = (request: mssql.Request) => Promise<unknown>

type Method = (this: mssql.Request, ...args: unknown[]) => Promise<unknown>

/**
 * Has `work` done and notes what it asks of node-mssql: texts, parameters, tables for bulk loads with their rows.
 * So a bare loop runs the very statements of the loader, with all values ready.
 */
export async function recordRequests(work: () => Promise<unknown>): Promise<Step[]> {
  const steps: Step[] = []
  const prototype = mssql.Request.prototype as unknown as Record<string, Method>
  const originals = ['batch', 'bulk', 'query'].map((name) => [name, prototype[name]!] as const)
  for (const [name, original] of originals) {
    prototype[name] = function (...args) {
      const inputs = Object.values(this.parameters)
      steps.push((request) => {
        for (const input of inputs) request.input(input.name, input.type, input.value)
        return original.apply(request, args)
      })
      return original.apply(this, args)
    }
  }
  try {
    await work()
  } finally {
    Object.assign(prototype, Object.fromEntries(originals))
  }
  return steps
}

/** Each page in a transaction of its own, and nothing else. */
export async function replay(pool: mssql.ConnectionPool, pages: readonly Step[][]): Promise<void> {
  for (const steps of pages) {
    const transaction = new mssql.Transaction(pool)
    await transaction.begin(mssql.ISOLATION_LEVEL.READ_COMMITTED)
    for (const step of steps) await step(new mssql.Request(transaction))
    await transaction.commit()
  }
}
