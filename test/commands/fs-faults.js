/** Loaded before the program, by NODE_OPTIONS: a file system that fails at a moment of the test's choice. */
import fs from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'

/**
 * KILL_AT: after so many changes. LOSE_AT: that replacement of the secrets does not happen. REFUSE: a call and the end
 * of a file's name, such as “rmSync .secrets”.
 */
const { KILL_AT, LOSE_AT, REFUSE = '' } = process.env
const [refusedCall, refusedName] = REFUSE.split(' ')

let changes = 0
let replacements = 0

for (const name of ['writeFileSync', 'linkSync', 'renameSync', 'rmSync']) {
  const change = fs[name]
  fs[name] = (...args) => {
    const target = String(name === 'renameSync' ? args[1] : args[0])
    if (name === refusedCall && target.endsWith(refusedName)) {
      throw Object.assign(new Error(`EBUSY: resource busy or locked, '${target}'`), { code: 'EBUSY' })
    }
    if (name === 'renameSync' && target.endsWith('.secrets')) {
      replacements += 1
      if (replacements === Number(LOSE_AT)) return
    }
    change(...args)
    changes += 1
    if (changes === Number(KILL_AT)) process.kill(process.pid, 'SIGKILL')
  }
}
syncBuiltinESMExports()
