import { PredecessorTables1795392000001 } from './1795392000001-PredecessorTables.js'
import { NewColumns1795392000002 } from './1795392000002-NewColumns.js'
import { FillFromRawJson1795392000003 } from './1795392000003-FillFromRawJson.js'
import { ReportIdAsKey1795392000004 } from './1795392000004-ReportIdAsKey.js'
import { Lease1795392000005 } from './1795392000005-Lease.js'
import { ApiDrift1795392000006 } from './1795392000006-ApiDrift.js'
import { Coverage1795392000007 } from './1795392000007-Coverage.js'
import { Retention1795392000008 } from './1795392000008-Retention.js'
import { Calls1795392000009 } from './1795392000009-Calls.js'
import { Views1795392000010 } from './1795392000010-Views.js'

/** In the order in which they are applied; mssql and sqlite have the same names. */
export const migrations = [
  PredecessorTables1795392000001,
  NewColumns1795392000002,
  FillFromRawJson1795392000003,
  ReportIdAsKey1795392000004,
  Lease1795392000005,
  ApiDrift1795392000006,
  Coverage1795392000007,
  Retention1795392000008,
  Calls1795392000009,
  Views1795392000010
]
