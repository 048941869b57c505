import { DEMO_CREDENTIALS, type Simulator } from '../../src/simulator/index.js'

const SECOND = 1_000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE

/** Attempts at a request, as the Python tool has them. */
const ATTEMPTS = 3
const PAGE = 500

/**
 * The Python tool as far as it decides what is in the table: what it asks for, what it takes for an answer, and
 * under which key it stores. It fetches a run whole, then stores it in one transaction: a run that is killed, or
 * finds no database, changes nothing, and needs no imitation.
 */
export class PythonTool {
  /** Report IDs by what it takes for a record's key: of two legs with the same one, it keeps the first. */
  private readonly table = new Map<string, string>()
  private watermark: number | undefined

  constructor(private readonly sim: Simulator) {}

  /** One run. @param now by its own clock, in ms since 1970 UTC */
  async run(now: number): Promise<void> {
    // Whoever has not run for 48 hours has lost what lies before; nothing is asked for twice.
    const oldest = now - 48 * HOUR
    const start = Math.max(this.watermark ?? oldest, oldest)
    const end = now - 5 * MINUTE
    const token = await accessToken(this.sim)
    for (let from = start; from < end; from += 12 * HOUR) {
      const items = await this.firstPage(token, from, Math.min(from + 12 * HOUR, end))
      for (const item of items) {
        const key = `${item['Call ID']} ${item['Start time']}`
        if (!this.table.has(key)) this.table.set(key, String(item['Report ID']).toLowerCase())
      }
    }
    // Whatever came of it.
    this.watermark = end
  }

  reportIds(): Set<string> {
    return new Set(this.table.values())
  }

  /** A window is its first page; one that cannot be had is an empty one. */
  private async firstPage(token: string, start: number, end: number): Promise<Record<string, unknown>[]> {
    const query = new URLSearchParams({ startTime: iso(start), endTime: iso(end), max: String(PAGE) })
    for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
      try {
        const response = await fetch(`${this.sim.url}/cdr_feed?${query}`, {
          headers: { Authorization: `Bearer ${token}` },
          signal: AbortSignal.timeout(SECOND / 2)
        })
        if (response.ok) return ((await response.json()) as { items?: Record<string, unknown>[] }).items ?? []
        // It has waited as long as it was asked to.
      } catch {
        // Any failure is tried again.
      }
    }
    return []
  }
}

/** A new one, as each of its runs begins with. */
async function accessToken(sim: Simulator): Promise<string> {
  const { clientId, clientSecret, refreshToken } = DEMO_CREDENTIALS
  const form = {
    grant_type: 'refresh_token',
    client_id: clientId,
    client_secret: clientSecret,
    refresh_token: refreshToken
  }
  const response = await fetch(`${sim.url}/access_token`, { method: 'POST', body: new URLSearchParams(form) })
  return ((await response.json()) as { access_token: string }).access_token
}

/** Milliseconds are cut off. */
function iso(moment: number): string {
  return new Date(Math.floor(moment / SECOND) * SECOND).toISOString()
}
