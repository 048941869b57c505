import { defineCommand } from './command.js'
import { openContext } from './open-context.js'

export const setup = defineCommand({
  name: 'setup',
  summary: 'Authorise at Webex, choose the database and the secret store, test and save',
  options: {
    clientId: ['--client-id <id>', 'Client ID of the integration or Service App'],
    clientSecret: ['--client-secret <secret>', 'Client secret; - reads it from standard input'],
    grant: ['--grant <browser|device|refresh-token>', 'How to authorise'],
    refreshToken: [
      '--refresh-token <token>',
      'Refresh token of a Service App; - reads it from standard input'
    ],
    redirectUri: ['--redirect-uri <uri>', 'For --grant browser (default http://localhost:8080/callback)'],
    scopes: ['--scopes <scopes>', 'OAuth scopes (default spark-admin:calling_cdr_read)'],
    databaseUrl: ['--database-url <url>', 'sqlite:path or mssql://user@host:1433/database'],
    sqlServer: ['--sql-server <host>', 'SQL Server: HOST, HOST,PORT or HOST\\INSTANCE'],
    sqlPort: ['--sql-port <port>', 'TCP port of SQL Server (default 1433)'],
    sqlDatabase: ['--sql-database <name>', 'Database on that server'],
    sqlUsername: ['--sql-username <name>', 'SQL Server login'],
    sqlPassword: ['--sql-password <password>', 'Password of the login; - reads it from standard input'],
    caFile: ['--ca-file <file>', 'CA certificate of your company’s TLS inspection, PEM or DER'],
    region: ['--region <us|eu|in|au|gov>', 'Webex region of the records (default: detected)'],
    rawJson: ['--raw-json <all|rest>', 'What raw_json keeps: all of a record, or what no column holds'],
    retainRecords: ['--retain-records <age>', 'Delete records after, for example, 13 months; or forever'],
    maskAfter: ['--mask-after <age>', 'Mask personal data after, for example, 30 days; or never'],
    maskNumbers: [
      '--mask-numbers <digits or hash>',
      'Cut so many digits of numbers (default 3), or hash them'
    ],
    retainRawJson: ['--retain-raw-json <age>', 'Remove raw_json after, for example, 90 days; or forever'],
    retainRuns: ['--retain-runs <age>', 'Delete runs and errors after, for example, 1 year; or forever'],
    store: ['--store <keyring|file|env>', 'Where to keep the secrets'],
    keyFile: ['--key-file <file>', 'For --store file: the key file, in another folder'],
    check: ['--check', 'Test everything, save nothing']
  },
  examples: ['npm run setup', 'npm run setup -- --grant device --store file'],
  async run(options): Promise<number> {
    const { runSetup } = await import('./run-setup.js')
    return runSetup(await openContext(), options)
  }
})
