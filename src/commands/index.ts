import type { Command } from './command.js'
import { credentials } from './credentials.js'
import { demo } from './demo.js'
import { doctor } from './doctor.js'
import { erase } from './erase.js'
import { exportCommand } from './export.js'
import { health } from './health.js'
import { importCommand } from './import.js'
import { migrate } from './migrate.js'
import { rebuildCalls } from './rebuild-calls.js'
import { report } from './report.js'
import { retain } from './retain.js'
import { schedule } from './schedule.js'
import { setup } from './setup.js'
import { simulate } from './simulate.js'
import { stats } from './stats.js'
import { sync } from './sync.js'
import { trace } from './trace.js'

/** In the order of the help. */
export const COMMANDS: readonly Command[] = [
  setup,
  migrate,
  sync,
  importCommand,
  stats,
  trace,
  report,
  exportCommand,
  retain,
  erase,
  rebuildCalls,
  schedule,
  doctor,
  health,
  credentials,
  demo,
  simulate
]
