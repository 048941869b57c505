import type { Performed } from './perform.js'
import type { PlannedRun } from './plan.js'

/** What a campaign has met, for people. */
export class Report {
  readonly lines: string[] = []
  private readonly met = new Map<string, number>()
  private readonly events = new Map<string, number>()
  private readonly exits = new Map<string, number>()

  add(index: number, { event, advance, skew }: PlannedRun, performed: Performed): void {
    const { ended, second, met, struck, duration } = performed
    const exits = [ended, ...(second ? [second] : [])].map(({ code }) => String(code ?? 'killed'))
    const name = event.kind === 'nothing' || !struck ? undefined : event.kind
    for (const fault of met) count(this.met, fault)
    for (const exit of exits) count(this.exits, exit)
    if (name) count(this.events, name)
    this.lines.push(
      [
        `run ${index + 1}: after ${hours(advance)}, clock ${skew / 1_000} s off`,
        name ? `${name} after ${event.after} requests and ${event.delay} ms` : undefined,
        ...met,
        `exit ${exits.join(' and ')} after ${(duration / 1_000).toFixed(1)} s`,
        ended.code === 0 ? undefined : ended.stderr.trim().split('\n').at(-1)
      ]
        .filter(Boolean)
        .join('; ')
    )
  }

  /** @param label where and with which seed */
  summary(label: string, result: string): string[] {
    return [
      label,
      `  ${result}`,
      `  exit codes: ${say(this.exits)}`,
      `  events: ${say(this.events)}`,
      `  faults met: ${say(this.met)}`
    ]
  }
}

function count(counts: Map<string, number>, name: string): void {
  counts.set(name, (counts.get(name) ?? 0) + 1)
}

function say(counts: Map<string, number>): string {
  return [...counts]
    .sort()
    .map(([name, times]) => `${name} ${times}`)
    .join(', ')
}

function hours(ms: number): string {
  return `${(ms / 3_600_000).toFixed(1)} h`
}
