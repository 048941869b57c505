import { writeFileSync } from 'node:fs'

/** Preloaded into a process that is measured: leaves what it took in the file $PEAK_FILE, in KiB and ms of CPU time. */
process.on('exit', () => {
  const file = process.env.PEAK_FILE
  const { maxRSS, userCPUTime, systemCPUTime } = process.resourceUsage()
  if (file) writeFileSync(file, `${maxRSS} ${Math.round((userCPUTime + systemCPUTime) / 1_000)}`)
})
