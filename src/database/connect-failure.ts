import type { DatabaseSettings, MssqlSettings, SqliteSettings } from '../config/database-url.js'
import { type CdrError, ConfigurationError, messageOf, TemporaryError } from '../errors.js'
import { codeOf, hasCode } from './error-kinds.js'
import { NotReadyError } from './resume.js'
import { sayDatabase } from './say-database.js'
import { accessRefusal, isRefusedAccess } from './sqlite-access.js'

/**
 * What a connection that failed means: which of host, port, TLS, login or database is wrong, and what to do.
 * @param serverErrors the numbers of the errors that SQL Server gave at login
 */
export function connectFailure(
  settings: DatabaseSettings,
  error: unknown,
  serverErrors: readonly number[]
): CdrError {
  if (settings.type === 'sqlite') return sqliteFailure(settings, error)
  const { kind: Kind = ConfigurationError, remedy } = diagnose(settings, error, serverErrors)
  return new Kind(`${sayDatabase(settings)} cannot be reached: ${messageOf(error)}; ${remedy}`)
}

/** The server's certificate is no good, or nobody who is believed has signed it. */
export class UntrustedServerError extends ConfigurationError {}

function sqliteFailure(settings: SqliteSettings, error: unknown): CdrError {
  const code = codeOf(error)
  const text = `${sayDatabase(settings)} cannot be used: ${messageOf(error)}`
  if (code === 'SQLITE_BUSY')
    return new TemporaryError(`${text}; another program is writing to it: try again when it has finished`)
  return (
    (isRefusedAccess(code) && accessRefusal(settings)) ||
    new ConfigurationError(
      `${text}; check that DATABASE_URL names a SQLite file that this user can read and write`
    )
  )
}

interface Diagnosis {
  kind?: typeof TemporaryError | typeof UntrustedServerError | typeof NotReadyError
  remedy: string
}

const CHECK_LOGIN =
  'check user and password (`npm run setup -- --sql-password -` changes it; in DATABASE_URL it must be percent-encoded)'

/** Of SQL Server's own errors at login; error 18456 tells the reason to the server's log only. */
const AT_LOGIN: [numbers: number[], Diagnosis][] = [
  [
    // What Microsoft calls transient, but for 4060: nearly always that is a wrong name.
    [
      615, 921, 4221, 6005, 10928, 10929, 10936, 17187, 18401, 40143, 40197, 40501, 40540, 40613, 49918,
      49919, 49920
    ],
    { kind: NotReadyError, remedy: 'the database is busy, or is being moved or resumed' }
  ],
  [
    [4060, 4064, 911, 916],
    {
      remedy:
        'wrong database: check its name in DATABASE_URL, and that this login has a user in it (docs/DBA.md has the script)'
    }
  ],
  [
    [40615, 40914, 47073],
    { remedy: 'wrong network: allow this machine’s IP address in the firewall of the Azure SQL server' }
  ],
  [
    [18452],
    {
      remedy:
        'wrong login: the server does not accept this Windows login; use a SQL Server login, or authentication=ntlm with domain='
    }
  ],
  [[17892], { remedy: 'wrong login: a logon trigger on the server rejects it; ask the DBA' }],
  [[18470], { remedy: 'wrong login: it is disabled; ask the DBA' }],
  [[18486], { remedy: 'wrong login: it is locked out; ask the DBA' }],
  [[18487, 18488], { remedy: 'wrong login: its password has expired; set a new one' }],
  [
    [18456],
    {
      remedy: `wrong login: ${CHECK_LOGIN}, and that the login is allowed to connect`
    }
  ]
]

/** What tedious and OpenSSL say of bytes that they cannot read. */
const NO_SQL_SERVER =
  /incoming packet|outside buffer bounds|no end of an answer|wrong version number|Unknown type: |end of data|Unexpected token|Unrecognised data type|is out of range/

function diagnose(settings: MssqlSettings, error: unknown, serverErrors: readonly number[]): Diagnosis {
  const known = AT_LOGIN.find(([numbers]) => numbers.some((number) => serverErrors.includes(number)))
  if (known) return known[1]
  const message = messageOf(error)
  const { host, port, instance } = settings
  if (NO_SQL_SERVER.test(message)) {
    return {
      kind: TemporaryError,
      remedy: 'wrong port: the service on this port is not SQL Server; check host and port in DATABASE_URL'
    }
  }
  if (hasCode(error, ['ENOTLS'])) {
    return {
      remedy:
        'wrong TLS: ask the DBA to turn encryption on; if it is on, something on the network path turns it off; encrypt=false in DATABASE_URL would send password and records in plain text'
    }
  }
  if (hasCode(error, ['EENCRYPT'])) {
    return {
      remedy:
        'wrong TLS: the server accepts only encrypted connections; remove encrypt=false from DATABASE_URL'
    }
  }
  if (/certificate|altnames|self.signed|issuer|\bTLS\b|\bSSL\b|encryption/i.test(message)) {
    if (/altnames/i.test(message)) {
      return {
        remedy: 'wrong TLS: the certificate is for another host name; use that name in DATABASE_URL'
      }
    }
    return {
      ...(/certificate|self.signed|issuer/i.test(message) ? { kind: UntrustedServerError } : {}),
      remedy:
        'wrong TLS: specify the CA of the server’s certificate with ca=/path/to/ca.pem in DATABASE_URL (or trustServerCertificate=true, which trusts any server)'
    }
  }
  if (hasCode(error, ['ENOTFOUND', 'EAI_AGAIN'])) {
    return {
      remedy: `wrong host: ${host} cannot be resolved; check the name in DATABASE_URL and the DNS of this machine`
    }
  }
  if (instance && hasCode(error, ['EINSTLOOKUP', 'ETIMEOUT'])) {
    return {
      remedy: `wrong instance: SQL Server Browser on ${host} (UDP 1434) returned no port for ${instance}; check the name, or specify the port instead`
    }
  }
  if (hasCode(error, ['ECONNREFUSED'])) {
    return {
      remedy: `wrong port: nothing listens on port ${port} of ${host}; check it in DATABASE_URL, and that SQL Server runs with TCP/IP enabled`
    }
  }
  if (hasCode(error, ['ETIMEOUT', 'ETIMEDOUT', 'EHOSTUNREACH', 'ENETUNREACH'])) {
    return {
      kind: TemporaryError,
      remedy:
        'wrong host or port (another service may be listening there), a firewall on the network path, or the server is down'
    }
  }
  if (hasCode(error, ['EFEDAUTH']) || /security token|credential/i.test(message)) {
    return { remedy: 'wrong login: Microsoft Entra ID issued no token; check authentication and its options' }
  }
  if (hasCode(error, ['ELOGIN'])) {
    return { remedy: `wrong login: ${CHECK_LOGIN}, and authentication in DATABASE_URL` }
  }
  return {
    kind: TemporaryError,
    remedy: 'the server closed the connection; check host and port in DATABASE_URL, and the server’s log'
  }
}
