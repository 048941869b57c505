import type { PartyKind } from './call-truth.js'
import { lineOf, type Owner, PEOPLE, SITES, type Site } from './organisation.js'

/** A hunt group or call queue and the people behind it. */
export interface Group {
  service: Owner
  agents: readonly Owner[]
}

export const HUNT_GROUPS: readonly Group[] = [
  group('Sales 📞 Hunt', 'HuntGroup', 'hunt_group', SITES[0]!, 1, 6),
  group('Support, Tier 1', 'HuntGroup', 'hunt_group', SITES[1]!, 1, 5),
  group('Werkstatt', 'HuntGroup', 'hunt_group', SITES[4]!, 1, 4)
]

export const QUEUES: readonly Group[] = [
  group('Customer Care', 'CallCenterStandard', 'queue', SITES[0]!, 2, 8),
  group("Patients' Line", 'CallCenterPremium', 'queue', SITES[3]!, 2, 5)
]

export const ATTENDANTS: readonly Owner[] = [
  lineOf('Main Menu', 'AutomatedAttendantVideo', 'attendant', SITES[0]!, 3),
  lineOf('After Hours', 'AutomatedAttendantVideo', 'attendant', SITES[2]!, 3)
]

/** It listens to what a caller wants, and sends the call there. */
export const RECEPTIONIST: Owner = lineOf(
  'Ask Aria',
  'AutomatedAttendantVideo',
  'ai_receptionist',
  SITES[1]!,
  3
)

/** Lines that no person has to herself. The service misspells the type of one. */
export const SHARED_LINES: readonly Owner[] = [
  lineOf('Reception Line', 'VirtualLine', 'virtual_line', SITES[0]!, 5),
  lineOf('Lager', 'VirtuaLline', 'virtual_line', SITES[4]!, 5)
]

/** Where messages are left. */
export const PORTAL_NAME = 'Voice Portal Voice Messaging Group'
const PORTALS = SITES.map((site) => lineOf(PORTAL_NAME, 'VoiceMailGroup', 'voicemail', site, 6))
const MAILBOXES = SITES.map((site) => lineOf('Voice Portal', 'VoiceMailRetrieval', 'voicemail', site, 7))

export const portalOf = (site: Site) => PORTALS[SITES.indexOf(site)] as Owner
/** Where messages are listened to. */
export const mailboxesOf = (site: Site) => MAILBOXES[SITES.indexOf(site)] as Owner

/** Two trunks to the carrier of Springfield, of so many calls each, and the gateway at their end. */
export const TRUNKS = {
  names: ['LGW Springfield A', 'LGW Springfield B'],
  capacity: 3,
  site: SITES[2]!
} as const
export const GATEWAY: Owner = {
  ...lineOf('LGW Springfield', 'LocalGateway', 'outside', SITES[2]!, 8),
  device: { clientType: 'WXC_SIP_GW', clientVersion: '', osType: 'na', model: '', mac: '' }
}

/** Queue type: the larger queues show their agents what is known of a customer. */
export function queueType({ type }: Owner): string {
  return type === 'CallCenterPremium' ? 'Customer Assist' : 'Call Queue'
}

function group(name: string, type: string, kind: PartyKind, home: Site, line: number, size: number): Group {
  const agents = PEOPLE.filter((owner) => owner.site === home && owner.type === 'User').slice(0, size)
  return { service: lineOf(name, type, kind, home, line), agents }
}
