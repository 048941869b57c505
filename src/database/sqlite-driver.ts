import { ConfigurationError, messageOf } from '../errors.js'

/**
 * Loads the native driver, as a first connection does.
 * @returns the version of SQLite in it
 * @throws ConfigurationError
 */
export async function sqliteVersion(): Promise<string> {
  try {
    const { default: Database } = await import('better-sqlite3')
    const database = new Database(':memory:')
    const version = database.prepare<[], string>('SELECT sqlite_version()').pluck().get()
    database.close()
    return version ?? ''
  } catch (error) {
    throw driverFailure(error) ?? error
  }
}

/** What keeps the native driver from being loaded; undefined where that is not what is wrong. */
export function driverFailure(error: unknown): ConfigurationError | undefined {
  const { code } = error as NodeJS.ErrnoException
  const message = messageOf(error)
  const known = FAULTS.find(([says]) => says.test(message))
  if (!known && code !== 'ERR_DLOPEN_FAILED') return undefined
  const [, fault, remedy] = known ?? [undefined, message, 'run `npm ci` with this Node.js']
  return new ConfigurationError(
    `the SQLite driver (better-sqlite3) cannot be loaded by Node.js ${process.version}, ${process.execPath}: ${fault}; ${remedy}`
  )
}

/** The words of Node.js, of the loaders of Linux, macOS and Windows, and of the package `bindings`. */
const FAULTS: [says: RegExp, fault: string, remedy: string][] = [
  [/NODE_MODULE_VERSION/, 'it was built for another version of Node.js', 'run `npm ci` with this Node.js'],
  [
    /could not locate the bindings file/i,
    'it was not built when it was installed',
    'run `npm ci` where install scripts are allowed, or `npm rebuild better-sqlite3`'
  ],
  [
    /invalid ELF header|wrong ELF class|cannot open shared object|mach-o|incompatible architecture|not a valid Win32/i,
    'it was built for another system',
    'run `npm ci` here: node_modules cannot be copied from another system'
  ],
  [
    /version `(GLIBC|CXXABI)/,
    'this system’s C library is older than the one it was built for',
    'run `npm rebuild better-sqlite3 --build-from-source`'
  ],
  [
    /cannot find (package|module) '?better-sqlite3|SQLite package has not been found/i,
    'it is not installed',
    'run `npm ci`'
  ]
]
