import { writeFileSync } from 'node:fs'

/** Preloaded into a process that is measured: leaves its peak resident set, in KiB, in the file $PEAK_FILE. */
process.on('exit', () => {
  const file = process.env.PEAK_FILE
  if (file) writeFileSync(file, String(process.resourceUsage().maxRSS))
})
