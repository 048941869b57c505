import { existsSync } from 'node:fs'
import { statfs } from 'node:fs/promises'
import { dirname } from 'node:path'
import { parseEnv } from 'node:util'
import { requireOneCloud } from '../config/clouds.js'
import { CONFIG_FILE } from '../config/config-file.js'
import { SETTING_NAMES, type Settings } from '../config/settings.js'
import { SECRET_VARIABLES } from '../credentials/environment-store.js'
import { readText } from '../read-text.js'
import { type Finding, failure, ok, warning } from './check.js'

/** As package.json demands under `engines`. */
const OLDEST_NODE = [20, 19]
const MB = 1024 * 1024
/** In bytes: about 115,000 records with their indexes. */
const LITTLE_ROOM = 512 * MB
/** In bytes: a page of 5,000 records, in the log beside the file and in the file itself. */
const NO_ROOM = 64 * MB

export function checkNode(version = process.versions.node): Finding {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  const [oldestMajor = 0, oldestMinor = 0] = OLDEST_NODE
  const isOld = major < oldestMajor || (major === oldestMajor && minor < oldestMinor)
  return isOld
    ? failure(`${version} is too old: install Node.js ${OLDEST_NODE.join('.')} or newer`)
    : ok(version)
}

/** Where the settings come from; that they are right has been seen before. */
export function checkConfig({ secretStore, secrets, webex }: Settings): Finding {
  requireOneCloud(webex)
  const files = [CONFIG_FILE, '.env'].filter((path) => existsSync(path))
  const sources = [...files, 'the environment'].join(', ')
  const idle = Object.entries(SECRET_VARIABLES)
    .filter(
      ([name, variable]) =>
        secretStore.kind !== 'env' &&
        secrets[name as keyof typeof secrets] &&
        variable !== 'DATABASE_PASSWORD'
    )
    .map(([, variable]) => variable)
  if (idle.length > 0) {
    return warning(
      `${idle.join(', ')} in the environment or .env is not used, because SECRET_STORE is another store: remove it`
    )
  }
  const misspelt = unknownIn('.env')
  if (misspelt.length > 0)
    return warning(`.env has the unknown setting ${misspelt.join(', ')}: check the spelling`)
  if (files.length === 0 && !webex.clientId) {
    return warning(
      `no ${CONFIG_FILE} or .env in ${process.cwd()}: change to the folder where \`npm run setup\` was run, or run it here`
    )
  }
  return ok(`${sources} in ${process.cwd()}`)
}

/** Names that look like ours and are not; the environment has too many others to say so of it. */
function unknownIn(path: string): string[] {
  const names = Object.keys(parseEnv(readText(path) ?? ''))
  return names.filter(
    (name) => /^(WEBEX|DATABASE|SECRET|RAW|RETAIN|MASK)_/.test(name) && !SETTING_NAMES.includes(name)
  )
}

/** Room for the SQLite file; SQL Server's disk is its DBA's. */
export async function checkDisk({ database }: Settings): Promise<Finding> {
  if (database.type !== 'sqlite') return ok('not checked: the database is on a server')
  let folder = dirname(database.path)
  // `migrate` makes the folder.
  while (!existsSync(folder) && folder !== dirname(folder)) folder = dirname(folder)
  const { bavail, bsize } = await statfs(folder)
  const free = bavail * bsize
  const gigabytes = free / (1024 * MB)
  const size = gigabytes < 1 ? `${Math.floor(free / MB)} MB` : `${gigabytes.toFixed(1)} GB`
  const said = `${size} free in ${folder}`
  if (free < NO_ROOM) {
    return failure(
      `${said}, and a page of records needs ${NO_ROOM / MB} MB: free some space, or move the database (DATABASE_URL)`
    )
  }
  return free < LITTLE_ROOM ? warning(`${said}: a million records take about 5.2 GB`) : ok(said)
}
