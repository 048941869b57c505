import type { CallTruth } from './records/call-truth.js'
import type { ReportForm, ReportsOptions, StoredReport } from './reports/options.js'

/** What the simulator accepts unless it is told otherwise. */
export const DEMO_CREDENTIALS: { clientId: string; clientSecret: string; refreshToken: string } = {
  clientId: 'demo-client-id',
  clientSecret: 'demo-client-secret',
  refreshToken: 'demo-refresh-token'
}

export interface SimulatorOptions {
  /** TCP port on 127.0.0.1; 0, the default, takes any free one. */
  port?: number
  /** Default 1. The same seed gives the same records for the same hour, in any process, forever. */
  seed?: number
  /** On the average of a day; default 60. */
  recordsPerHour?: number
  /**
   * Milliseconds since 1970; default Date.now. The one clock for what is visible, for the age of windows, for
   * the lifetimes of codes and tokens, for the pace of device/token and for the rate limit (which therefore
   * never resets under a clock that stands still).
   */
  now?: () => number
  /** What cdr_feed filters on: Start time (the default) or Report time; the sources conflict. */
  filterBy?: 'start' | 'report'
  /** Form of the Link header: the reference's malformed one (the default) or RFC 8288. */
  linkForm?: 'reference' | 'rfc8288'
  /** Enforce 1 initial and 10 page requests per 60 s and token, of both APIs together; default false. */
  rateLimit?: boolean
  /**
   * Every refresh returns a new refresh token; default false. The one it replaces works once more (a client
   * may have died before it stored the answer) and answers 400 from then on.
   */
  rotateRefreshToken?: boolean
  /** Lifetime of access tokens; default 1209599 (14 days). */
  accessTokenSeconds?: number
  /** Lifetime of refresh tokens, as it is told; default 7775999 (90 days). */
  refreshTokenSeconds?: number
  /**
   * Items to serve instead of generated ones, visible from the start and filtered by time like those; for
   * cdr_stream they count as stored at their Report time, or else at their Release time. One without a
   * readable filter time is served with the first page of every window.
   */
  records?: readonly Record<string, unknown>[]
  /** Share (0..1) of requests for records that meet a random fault, drawn from the seed; default 0. */
  faultRate?: number
  /** When set, every authorised cdr_feed and cdr_stream request answers 451 and names this host. */
  region?: string
  /** When true, every authorised cdr_feed and cdr_stream request answers 403: the role is missing. */
  roleMissing?: boolean
  clientId?: string
  clientSecret?: string
  /** The refresh token that is there from the start; it has all of `integrationScopes`. */
  refreshToken?: string
  /** Scopes that may be asked for; default spark-admin:calling_cdr_read and analytics:read_all. */
  integrationScopes?: readonly string[]
  /**
   * Where authorize may send the browser back to, to the letter. By default any plain http address of this
   * machine will do, http://localhost:8080/callback for one: a convenience that the service does not have.
   */
  redirectUris?: readonly string[]
  /** Seconds between polls of device/token, fractions too; default 2. Each slow_down adds 2.5 times as much. */
  deviceInterval?: number
  /** Milliseconds by which the Date header of every answer differs from `now`; default 0. */
  clockSkew?: number
  /** Lowest `max` that is honoured; default 500 as in the service, tests may lower it. */
  minPageSize?: number
  /** Highest `max` that is honoured; default 5000 as in the service, tests may lower it. */
  maxPageSize?: number
  /** Whoever asks for more records a page than this is answered 504; by default nobody is. */
  slowAbove?: number
  /** Reports of Calling Detailed Call History; they are there without any. */
  reports?: ReportsOptions
}

/**
 * Something that goes wrong with one request, whatever that request asked for. A reset, a hang and what
 * spoils the true answer hit after the request took effect: the rate limit has counted it, the refresh token
 * has been used.
 */
export type Fault =
  /** Nothing goes wrong: lets the faults behind it wait for a later request. */
  | { kind: 'none' }
  /** Answers this status; without `body` with an error body as the service writes it. */
  | { kind: 'status'; status: number; body?: string; headers?: Record<string, string> }
  /** Resets the connection instead of answering. */
  | { kind: 'reset' }
  /** Sends the true answer's headers and half of its body, then cuts the connection. */
  | { kind: 'truncate' }
  /** Never answers; the connection stays open until one side closes it. */
  | { kind: 'hang' }
  /** Answers 200 with this text. */
  | { kind: 'body'; body: string }
  /** Answers 302 with this Location. */
  | { kind: 'redirect'; to: string }
  /** Answers 200 with the beginning of a page that goes on until the client goes away. */
  | { kind: 'endless' }
  /** The true answer, but its Link leads to the URL just asked. */
  | { kind: 'repeatLink' }
  /** The true answer, but with `{}` for a body; an error stays as it is. */
  | { kind: 'withoutItems' }

export interface LoggedRequest {
  method: string
  path: string
  /** The URL's parameters, decoded. A form in the body is not logged: it holds secrets. */
  query: Record<string, string>
  /** Of anything but Bearer only the first word: the client secret is in Basic's credentials. */
  authorization?: string
  /** As answered; 0 when a fault reset the connection or left it hanging. */
  status: number
  /** When the request came in, by the machine's clock (milliseconds since 1970). */
  at: number
}

export interface Simulator {
  /** Base of all endpoints: `http://127.0.0.1:PORT/v1`. */
  readonly url: string
  readonly port: number
  /** The last 10,000 requests, in the order in which they were answered. */
  readonly requests: readonly LoggedRequest[]
  /** Queues faults for the next requests to cdr_feed or cdr_stream, one each, in the order they come in. */
  failNext(...faults: Fault[]): void
  /** Queues faults for the next access_token and device/token requests, one each, in order. */
  failNextToken(...faults: Fault[]): void
  /** Queues faults for the next requests of the Reports API, downloads too, one each, in order. */
  failNextReport(...faults: Fault[]): void
  /**
   * Accepts or declines on the device page.
   * @throws Error when no device waits with this user code
   */
  decideDevice(userCode: string, accept: boolean): void
  /**
   * Until it is called again, every authorised cdr_stream request answers 403, as where scope or role is
   * missing, or 404, as an unknown path does; undefined ends that.
   */
  refuseStream(status: 403 | 404 | undefined): void
  /**
   * Until it is called again, every authorised request about reports answers 403, as where scope, role or Pro Pack
   * is missing, or 404; undefined ends that.
   */
  refuseReports(status: 403 | 404 | undefined): void
  /** The reports that are stored now, oldest first. */
  readonly reports: readonly StoredReport[]
  /**
   * The CSV of a report, in pieces: records of the days from `from` to `to` (YYYY-MM-DD, UTC, inclusive), 400 days
   * back or more, without `reports.daysBack` and the other limits. The same bytes as a report of these days has.
   *
   * @param options.timeZone IANA name; default UTC
   * @param options.made when the report was made (milliseconds since 1970), default now(): what became visible
   *   later is not in it
   * @throws RangeError, when it is read, if a day or the time zone is none
   */
  csv(
    form: ReportForm,
    from: string,
    to: string,
    options?: { timeZone?: string; made?: number }
  ): Iterable<Buffer>
  /** Makes all access tokens issued so far answer 401. */
  expireAccessTokens(): void
  /**
   * What a complete client has stored: Report ID in lower case -> the newest version visible by now(), for
   * records with a Start time in [from, to) (milliseconds since 1970). The default is the range that may be
   * asked for: 30 days ago to 5 minutes ago. Items without Report ID or Start time are left out.
   */
  truth(from?: number, to?: number): Map<string, Record<string, unknown>>
  /**
   * What the calls were that began in [from, to) (milliseconds since 1970) and whose records are all visible by
   * now(), by their starts; the default is the range of `truth`. None for items that were given.
   */
  calls(from?: number, to?: number): CallTruth[]
  /** The refresh token issued last. */
  currentRefreshToken(): string
  /** Stops listening and cuts all connections, hanging ones too. May be called again. */
  close(): Promise<void>
}
