import { resolve } from 'node:path'
import { count } from '../count.js'
import { messageOf, UsageError } from '../errors.js'
import { periodOf } from '../html-report/period.js'
import { replaceFile } from '../replace-file.js'
import type { Context } from './context.js'
import { openInBrowser } from './open-in-browser.js'
import { readDatabase } from './read-database.js'

interface ReportOptions {
  since: string | undefined
  until: string | undefined
  locations: string[]
  output: string | undefined
  open: boolean
}

const FILE = 'webex-cdr-report.html'

export async function runReport(context: Context, options: ReportOptions): Promise<number> {
  const { print, now } = context
  const present = now()
  const period = periodOf(options, present)
  const { html, calls, isWhole } = await readDatabase(context, async ({ manager }) => {
    const { makeReport } = await import('../html-report/report.js')
    return makeReport(manager, period, present)
  })
  const path = resolve(options.output ?? FILE)
  write(path, html)
  print(`${count(calls)} ${calls === 1 ? 'call' : 'calls'}: ${path}`)
  if (!isWhole) print('The period lacks data; the report says when.')
  if (options.open) await openInBrowser(path)
  return 0
}

/** It names people: for its owner alone, who may pass it on. */
function write(path: string, text: string): void {
  try {
    replaceFile(path, text, true)
  } catch (error) {
    throw new UsageError(`cannot write --output ${path}: ${messageOf(error)}`)
  }
}
