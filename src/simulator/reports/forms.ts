import { ITEM_KEYS } from '../records/item.js'
import type { ReportForm } from './options.js'

const H2022 =
  'Start time,Answer time,Duration,Calling number,Called number,User,Calling line ID,Called line ID,Correlation ID,Location,Inbound trunk,Outbound trunk,Route group,Direction,Call type,Client type,Client version,Sub client type,OS type,Device Mac,Answered,International Country,Original reason,Related reason,Redirect reason,Site main number,Site timezone,User type,Call ID,User UUID,Org UUID,Report ID,Department ID,Site UUID,Releasing party,Redirecting number,Transfer related call ID,Dialed digits,Authorization code'

const H2024 =
  'Start time,Answer time,Duration,Calling number,Called number,User,Calling line ID,Called line ID,Correlation ID,Location,Inbound trunk,Outbound trunk,Route group,Direction,Call type,Client type,Client version,Sub client type,OS type,Device Mac,Model,Answered,International Country,Original reason,Related reason,Redirect reason,Site main number,Site timezone,User type,Call ID,Local SessionID,Remote SessionID,User UUID,Org UUID,Report ID,Department ID,Site UUID,Releasing party,Redirecting number,Transfer related call ID,Dialed digits,Authorization code,Call transfer time,User number,Local call ID,Remote call ID,Network call ID,Related call ID,Call outcome,Call outcome reason,Final local sessionID,Final remote sessionID,Answer Indicator,Ring duration,Release time,Report time'

const H2026 = `${H2024},PSTN legal entity,PSTN vendor Org ID,PSTN vendor name,PSTN provider ID,Caller ID number,External caller ID number,Device owner UUID,Call Recording Platform Name,Call Recording Result,Call Recording Trigger,Redirecting party UUID,Public Calling IP Address,Public Called IP Address,Original called party UUID,Recall Type,Hold Duration,Auto Attendant Key Pressed,Queue Type,Answered Elsewhere,Route list calls overage,Caller Reputation Score,Caller Reputation Service Result,Caller Reputation Score Reason,Interaction ID,WxCC consult merge status,ELIN,Emergency number source`

/** The header rows as they were met, letter case and all. */
export const HEADERS: Readonly<Record<ReportForm, string>> = { '2022': H2022, '2024': H2024, '2026': H2026 }

const KEYS = new Map(ITEM_KEYS.map((key) => [key.toLowerCase(), key]))

/** The keys of an item in the order of a form's columns, which differ from them in letter case only. */
export function keysOf(form: ReportForm): string[] {
  return HEADERS[form].split(',').map((name) => KEYS.get(name.toLowerCase()) as string)
}
