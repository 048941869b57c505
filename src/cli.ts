#!/usr/bin/env node
import { cac } from 'cac'
import { UsageError } from './errors.js'
import { exit, watchProcess } from './exit.js'
import { sayFailure } from './failure.js'
import {
  checkFlags,
  checkNpmKeptNothing,
  flagValue,
  flagValues,
  hasFlag,
  oneOf,
  repeatFlag
} from './flags.js'
import { VERSION } from './version.js'

const cli = cac('webex-cdr')

cli
  .command('setup', 'Authorise at Webex, choose database and secret store, test and store it all')
  .option('--client-id <id>', 'Of the integration or Service App at developer.webex.com')
  .option('--client-secret <secret>', 'Its secret; - reads a line of standard input')
  .option('--grant <way>', 'How to authorise: browser, device or refresh-token')
  .option('--refresh-token <token>', 'Of a Service App; - reads a line of standard input')
  .option('--redirect-uri <uri>', 'With --grant browser (default http://localhost:8080/callback)')
  .option('--scopes <scopes>', 'In place of spark-admin:calling_cdr_read')
  .option('--database-url <url>', 'sqlite:path or mssql://user@host:1433/database')
  .option('--sql-server <host>', 'SQL Server: HOST, HOST,PORT or HOST\\INSTANCE')
  .option('--sql-port <port>', 'Its port (default 1433)')
  .option('--sql-database <name>', 'The database on it')
  .option('--sql-username <name>', 'The login')
  .option('--sql-password <password>', 'Its password; - reads a line of standard input')
  .option('--ca-file <file>', 'Certificate of the authority of a company’s TLS inspection, PEM or DER')
  .option('--region <region>', 'Where the records are: us, eu, in, au, gov (default: found out)')
  .option('--store <store>', 'Where the secrets are kept: keyring, file or env')
  .option('--key-file <file>', 'With --store file: its key, in another folder')
  .option('--check', 'Test only, store nothing')
  .example('npm run setup')
  .example('npm run setup -- --grant device --store file')
  .action(async () => {
    const { setupCommand } = await import('./commands/setup.js')
    const value = (name: string) => flagValue(argv, name)
    return setupCommand(await context(), {
      clientId: value('--client-id'),
      clientSecret: value('--client-secret'),
      grant: value('--grant'),
      refreshToken: value('--refresh-token'),
      redirectUri: value('--redirect-uri'),
      scopes: value('--scopes'),
      databaseUrl: value('--database-url'),
      sqlServer: value('--sql-server'),
      sqlPort: value('--sql-port'),
      sqlDatabase: value('--sql-database'),
      sqlUsername: value('--sql-username'),
      sqlPassword: value('--sql-password'),
      caFile: value('--ca-file'),
      region: value('--region'),
      store: value('--store'),
      keyFile: value('--key-file'),
      check: hasFlag(argv, '--check')
    })
  })

cli
  .command('migrate', 'Bring the database schema up to date')
  .option('--check', 'List applied and pending migrations and what differs; exit 1 if any; write nothing')
  .option('--script', 'Print the migrations as one T-SQL script, for a DBA to review and run')
  .option('--from <migration>', 'With --script: only what comes after this one')
  .option('--to <migration>', 'With --script: nothing that comes after this one')
  .option('-o, --output <file>', 'With --script: write it to this file')
  .option('--baseline <migration>', 'Record it and those before it as applied, without running them')
  .option('--down', 'Revert the newest migration, where that is possible')
  .example('npm run migrate')
  .example('npm run migrate -- --check')
  .example('npm run migrate -- --script -o webex-cdr.sql')
  .action(async () => {
    const mode = oneOf(argv, ['--check', '--script', '--baseline', '--down'])
    const script = {
      from: flagValue(argv, '--from'),
      to: flagValue(argv, '--to'),
      output: flagValue(argv, '--output', '-o')
    }
    if (mode === '--script') {
      const { migrateScriptCommand } = await import('./commands/migrate-script.js')
      return migrateScriptCommand(script)
    }
    const stray = Object.keys(script).find((name) => script[name as keyof typeof script] !== undefined)
    if (stray) throw new UsageError(`--${stray} needs --script`)
    const { migrateCommand } = await import('./commands/migrate.js')
    return migrateCommand(await databaseContext(), {
      check: mode === '--check',
      down: mode === '--down',
      baseline: flagValue(argv, '--baseline')
    })
  })

cli
  .command('sync', 'Fetch call detail records from Webex and store them')
  .option('--source <source>', 'auto, feed or stream: which of Webex’s two APIs to read (default auto)')
  .option('--since <when>', 'Start no later than this: 30d, 12h, 2026-11-01, 2026-11-01T08:30:00Z (UTC)')
  .option('--until <when>', 'With --since: fetch just that range and leave the watermark alone')
  .option('--lookback <duration>', 'How far before the watermark to read again: 30m, 12h, 2d')
  .option('--locations <names...>', 'Only these locations, 1 to 10 names as in Control Hub')
  .option('--fill-gaps', 'Fetch what gaps and failed runs lack, as far as the service still has it')
  .option('--retry-quarantined', 'Try again to store what is in quarantine, after an update')
  .option('--dry-run', 'Fetch and count, store nothing')
  .option('--json', 'Print the result as one JSON object')
  .example('npm run sync')
  .example('npm run sync -- --since 30d')
  .example('npm run sync -- --since 2026-11-01 --until 2026-11-08')
  .example('npm run sync -- --locations "Main Office" "Branch 1"')
  .action(async () => {
    const { syncCommand } = await import('./commands/sync.js')
    return syncCommand(await databaseContext(), {
      source: flagValue(argv, '--source'),
      since: flagValue(argv, '--since'),
      until: flagValue(argv, '--until'),
      lookback: flagValue(argv, '--lookback'),
      locations: flagValues(argv, '--locations'),
      fillGaps: hasFlag(argv, '--fill-gaps'),
      retryQuarantined: hasFlag(argv, '--retry-quarantined'),
      dryRun: hasFlag(argv, '--dry-run'),
      json: hasFlag(argv, '--json')
    })
  })

cli
  .command('stats', 'Show what the database holds: records, watermarks, runs, errors')
  .option('--json', 'Print them as one JSON object')
  .example('npm run stats')
  .action(async () => {
    const { statsCommand } = await import('./commands/stats.js')
    return statsCommand(await databaseContext(), { json: hasFlag(argv, '--json') })
  })

cli
  .command('schedule', 'Print what makes this machine run sync again and again')
  .option('--every <interval>', '15m, 1h, … (default 15m)')
  .option('--print <format>', 'cron, systemd, launchd or windows (default: of this machine)')
  .example('npm run schedule')
  .action(async () => {
    const { scheduleCommand } = await import('./commands/schedule.js')
    return scheduleCommand(await context(), {
      every: flagValue(argv, '--every'),
      print: flagValue(argv, '--print')
    })
  })

cli
  .command('doctor', 'Look at everything that a scheduled sync needs')
  .option('--json', 'Print it as one JSON object')
  .example('npm run doctor')
  .action(async () => {
    const { doctorCommand } = await import('./commands/doctor.js')
    return doctorCommand(context, { json: hasFlag(argv, '--json') })
  })

cli
  .command('health', 'For monitoring: exit 1 when the newest records are old or a sync has failed')
  .option('--max-lag <duration>', 'How old the watermark may be (default 30m)')
  .example('npm run health -- --max-lag 1h')
  .action(async () => {
    const { healthCommand } = await import('./commands/health.js')
    return healthCommand(await databaseContext(), { maxLag: flagValue(argv, '--max-lag') })
  })

cli
  .command('credentials [action]', 'What the secret store has: show, clear, or move it to another')
  .option('--to <store>', 'With move: keyring or file')
  .option('--key-file <file>', 'With move --to file: its key, in another folder')
  .example('npm run credentials -- show')
  .example('npm run credentials -- move --to file')
  .action(async (action?: string) => {
    const { credentialsCommand } = await import('./commands/credentials.js')
    return credentialsCommand(await context(), {
      action,
      to: flagValue(argv, '--to'),
      keyFile: flagValue(argv, '--key-file')
    })
  })

cli
  .command('demo', 'Try it: a simulated Webex API, a SQLite file, two syncs')
  .example('npm run demo')
  .action(async () => (await import('./commands/demo.js')).demoCommand(await context()))

cli
  .command('simulate', 'Serve a stand-in for the Webex API on loopback')
  .option('--port <port>', 'Port; 0 takes a free one (default 8090)')
  .option('--seed <number>', 'Other numbers, other calls (default 1)')
  .option('--records-per-hour <number>', 'How many records an hour brings (default 60)')
  .option('--fault-rate <share>', 'Share of CDR requests that fail, 0 to 1 (default 0)')
  .option('--filter-by <time>', 'What a window of cdr_feed filters on: start or report (default start)')
  .option('--rate-limit', 'Enforce the rate limits of the service')
  .example('npm run simulate')
  .example('npm run simulate -- --port 0 --fault-rate 0.1')
  .action(async () => {
    const { simulateCommand } = await import('./commands/simulate.js')
    return simulateCommand(await context(), {
      port: flagValue(argv, '--port'),
      seed: flagValue(argv, '--seed'),
      recordsPerHour: flagValue(argv, '--records-per-hour'),
      faultRate: flagValue(argv, '--fault-rate'),
      filterBy: flagValue(argv, '--filter-by'),
      rateLimit: hasFlag(argv, '--rate-limit')
    })
  })

cli.help()
cli.version(VERSION)

// cac gives a flag one value: `--locations A B` is told to it as `--locations A --locations B`.
const argv = repeatFlag(process.argv, '--locations')
watchProcess()
try {
  process.exitCode = await run()
} catch (error) {
  process.exitCode = sayFailure(error)
}
await exit()

async function run(): Promise<number> {
  const word = argv[2] ?? ''
  const command = cli.commands.find(({ name }) => name === word)
  if (command) {
    const flags = command.options.map(({ rawName }) => rawName)
    checkNpmKeptNothing(process.env, argv, flags)
    const hasArgument = command.args.length > 0 && argv[3] !== undefined && !argv[3].startsWith('-')
    checkFlags(hasArgument ? argv.toSpliced(3, 1) : argv, [...flags, '-h, --help'])
  } else if (!/^(-h|--help|-v|--version)$/.test(word)) {
    throw new UsageError(
      `${word ? `there is no command “${word}”;` : 'which command?'} \`webex-cdr --help\` lists them`
    )
  }
  // cac takes a lone - for a missing value.
  const words = argv.map((word) => (word === '-' ? 'standard-input' : word))
  const { options } = cli.parse(words, { run: false })
  if (options.help || options.version) return 0
  return (await cli.runMatchedCommand()) as number
}

async function context() {
  return (await import('./commands/context.js')).createContext()
}

async function databaseContext() {
  return (await import('./commands/context.js')).createDatabaseContext()
}
