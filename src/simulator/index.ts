/**
 * A stand-in for the Webex Calling CDR API and its OAuth on loopback, for the demo and the tests. It follows the
 * documented rules strictly and shares nothing with the client, so that a mistake in one shows in the other.
 */
export {
  DEMO_CREDENTIALS,
  type Fault,
  type LoggedRequest,
  type Simulator,
  type SimulatorOptions
} from './contract.js'
export type { CallTruth, PartyTruth } from './records/call-truth.js'
export type { ReportEnd, ReportForm, ReportsOptions, StoredReport } from './reports/options.js'
export { startSimulator } from './server.js'
