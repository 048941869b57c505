export { CdrRecord } from './cdr-record.js'
export { CdrSyncError, GAP, KILLED, QUARANTINED } from './cdr-sync-error.js'
export { CdrSyncLease } from './cdr-sync-lease.js'
export { CdrSyncState, type RunStatus } from './cdr-sync-state.js'
