import { posix } from 'node:path'
import { UsageError } from '../errors.js'
import { sayInterval } from './interval.js'
import { type Job, logFile, NAMES, NIGHTLY, notesOf, sayWhen, wordsOf } from './job.js'

/** What divides an hour or a day, so that the steps are even across its end; in minutes. */
const STEPS = [5, 6, 10, 12, 15, 20, 30, 60, 120, 180, 240, 360, 480, 720, 1_440]

/**
 * A line for `crontab -e`.
 * @throws UsageError when cron has no such interval
 */
export function cron(job: Job): string {
  const log = posix.join(job.folder, logFile(job))
  const program = wordsOf(job).map(quote).join(' ')
  const command = `cd ${quote(job.folder)} && ${program} ${job.command} >> ${quote(log)} 2>&1`
  const when = job.command === 'sync' ? times(job.every) : `${NIGHTLY.minute} ${NIGHTLY.hour} * * *`
  return [
    `# ${NAMES[job.command]}, ${sayWhen(job)}. Add these lines with \`crontab -e\`, as the user ${job.user}.`,
    ...notesOf(job).map((note) => `# ${note}`),
    `${when} ${command}`
  ].join('\n')
}

function times(every: number): string {
  if (!STEPS.includes(every)) {
    const shorter = STEPS.findLast((step) => step < every) ?? every
    const longer = STEPS.find((step) => step > every) ?? every
    throw new UsageError(
      `--every ${sayInterval(every)} cannot be scheduled by cron: use ${sayInterval(shorter)} or ${sayInterval(longer)}, or another --print`
    )
  }
  if (every < 60) return `*/${every} * * * *`
  if (every === 60) return '0 * * * *'
  return every === 1_440 ? '0 0 * * *' : `0 */${every / 60} * * *`
}

/**
 * A word for the shell that is the same whether cron reads it first or not. Most crons end the command at a % without a
 * backslash and take that backslash away; some keep it; some also make one of two. So % stands outside the quotes, where
 * the shell takes the backslash away too, and a backslash is followed by the end of its quotes.
 */
function quote(text: string): string {
  if (/^[\w./:@+,=-]+$/.test(text)) return text
  const special: Record<string, string> = {
    "'": String.raw`'\''`,
    '%': String.raw`'\%'`,
    '\\': String.raw`\''`
  }
  return `'${text.replace(/['%\\]/g, (character) => special[character] ?? character)}'`
}
