export const isRoot = process.geteuid?.() === 0
export const NOBODY = 65_534

/** For a child process: root may do everything, and the program gives that up. */
export const AS_NOBODY = {
  NODE_OPTIONS: `--import data:text/javascript,process.setgid(${NOBODY}),process.setuid(${NOBODY})`
}
