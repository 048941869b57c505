import { readFileSync } from 'node:fs'
import mssql from 'mssql'
import type { SqlServerDataSourceOptions } from 'typeorm/driver/sqlserver/SqlServerDataSourceOptions.js'
import type { MssqlSettings } from '../config/database-url.js'
import { ConfigurationError, messageOf } from '../errors.js'
import type { DataSourceUse } from './data-source-use.js'
import { connectWithoutWarning, demandTls, guardConnection, type TediousConnection } from './tedious-guard.js'

// Where TypeORM gives no type, as in the criteria of an update, a Date would go over as datetime: to 1/300 s.
mssql.map.register(Date, mssql.DateTime2)

/** In ms. A page is written in statements of 2,000 rows, so none of a sync takes this long. */
const REQUEST_TIMEOUT = 120_000
/** In ms; name look-up, TCP, TLS and login together. */
const CONNECTION_TIMEOUT = 15_000
/** In ms: after a time limit that the driver has let pass. Azure may send it on to another server, which is two. */
const GIVEN_UP = 2 * CONNECTION_TIMEOUT + 1_000
/** A transaction, the lease's heartbeat, and one to spare. */
const CONNECTIONS = 3

/** PRINT and RAISERROR; the server's own remarks, as at login and by sp_rename, have numbers of theirs. */
const OF_STATEMENTS = [0, 50_000]

interface ServerMessage {
  number: number
  message: string
}

/** @throws ConfigurationError when the file with the authorities' certificates cannot be read */
export function mssqlOptions(settings: MssqlSettings, use: DataSourceUse): SqlServerDataSourceOptions {
  const { host, port, instance, database, authentication, encrypt, trustServerCertificate, ca } = settings
  return {
    type: 'mssql',
    host,
    ...(instance ? {} : { port }),
    database,
    authentication: authentication as NonNullable<SqlServerDataSourceOptions['authentication']>,
    schema: 'dbo',
    isolationLevel: 'READ COMMITTED',
    connectionTimeout: CONNECTION_TIMEOUT,
    // A migration may have millions of rows to fill.
    requestTimeout: use.migrating ? 0 : REQUEST_TIMEOUT,
    pool: {
      errorHandler(error) {
        // Whoever asked for a connection is told that there is none.
        if (!/^Failed to acquire/.test(error.message))
          use.log?.warn(`SQL Server connection: ${messageOf(error)}`)
      }
    },
    options: {
      encrypt,
      trustServerCertificate,
      ...(ca ? { cryptoCredentialsDetails: { ca: readAuthorities(ca) } } : {}),
      ...(instance ? { instanceName: instance } : {}),
      multiSubnetFailover: settings.multiSubnetFailover,
      useUTC: true,
      // XACT_ABORT: whatever fails, a time limit included, leaves no transaction open on the connection.
      abortTransactionOnError: true,
      appName: 'webex-cdr',
      // TypeORM's types do not know these, the driver does: GUIDs as the service and SQLite write them; who connects
      // tries again, and says so.
      ...{ lowerCaseGuids: true, maxRetriesOnTransientErrors: 0 }
    },
    extra: {
      // In place of the one above, whose handler TypeORM takes, but the pool does not know.
      pool: { min: 0, max: CONNECTIONS },
      beforeConnect(connection: TediousConnection) {
        guardConnection(connection, GIVEN_UP)
        connectWithoutWarning(connection, host)
        if (encrypt) demandTls(connection)
        connection.on('connect', () => {
          connection.on('infoMessage', ({ number, message }: ServerMessage) => {
            if (OF_STATEMENTS.includes(number)) use.onMessage?.(message)
          })
        })
        connection.on('errorMessage', ({ number }: ServerMessage) => use.onServerError?.(number))
      }
    }
  }
}

function readAuthorities(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    throw new ConfigurationError(
      `DATABASE_URL option ca names ${path}, which cannot be read (${(error as NodeJS.ErrnoException).code}): set it to the path of a PEM file`
    )
  }
}
