import type { PartyKind } from './call-truth.js'
import { namedUuid } from './draw.js'
import { Zone } from './local-time.js'

/** A location. Numbers lie in ranges reserved for fiction. */
export interface Site {
  name: string
  uuid: string
  mainNumber: string
  zone: Zone
  vendor: Vendor
  numberPrefix: string
}

/** Who sells a location its calls to the outside. */
export interface Vendor {
  name: string
  legalEntity: string
  orgId: string
  providerId: string
}

export interface Device {
  clientType: string
  clientVersion: string
  osType: string
  model: string
  mac: string
}

/** Whoever owns a record: a person, a workspace, or a service such as a hunt group. */
export interface Owner {
  name: string
  uuid: string
  /** User type. */
  type: string
  kind: PartyKind
  /** E.164. */
  number: string
  extension: string
  site: Site
  /** Whether its records tell the Site timezone. */
  tellsTime: boolean
  department: string
  device: Device
  recorded: boolean
}

export const ORG_UUID = namedUuid('org:example.com')

const PEOPLE_PER_SITE = 12
const CLOUD: Device = { clientType: 'SIP', clientVersion: '', osType: 'na', model: '', mac: '' }

const NAMES = [
  "Siobhán O'Brien",
  'John Andersen',
  'Smith, Robert, Jr.',
  'amy.chen@example.com',
  'Zoë 🎧 Park',
  "Luca D'Angelo",
  'Priya Natarajan',
  'Jürgen Müller',
  '田中 太郎',
  'Maria da Silva',
  'Night Desk ☎️',
  'Front “Lobby” <1>',
  'Grace Hopper',
  'Olu Adeyemi',
  'info+sales@example.com',
  'Anna-Lena Björk',
  'Tom O’Neill',
  'Kofi Mensah',
  'Chloé Dubois',
  'Nguyễn Thị Ánh',
  'Lee \\ Sons; Annex',
  'Ewa Wójcik',
  'Sam Lee 👩‍💻',
  'Rosa Jiménez'
]

/** Whose records do not tell the Site timezone. */
const TIMELESS = ['Night Desk ☎️', 'Support, Tier 1']

const PHONE_MODELS = ['8851-3PCC', '9861', '6821-3PCC', '8875']

const CISCO: Vendor = {
  name: 'Cisco Calling Plans',
  legalEntity: 'Broadsoft Adaption LLC',
  orgId: '0b43a1a8-2efd-4892-b301-e7a5a6d2c884',
  providerId: '3fac3e13-f8de-43b4-ad85-c2862ae3afe8'
}
/** A cloud connected provider: it has no Cisco Calling Plans organisation. */
const TELCO: Vendor = {
  name: 'Example Telecom',
  legalEntity: '',
  orgId: '',
  providerId: namedUuid('provider:Example Telecom')
}

export const SITES: readonly Site[] = [
  site('Main Office', '+140855501', 'America/Los_Angeles', CISCO),
  site('Branch 1', '+121255501', 'America/New_York', CISCO),
  site('Springfield, IL', '+121755501', 'America/Chicago', CISCO),
  site("St. John's", '+170955501', 'America/St_Johns', CISCO),
  site('München', '+4989999980', 'Europe/Berlin', TELCO)
]

export const PEOPLE: readonly Owner[] = SITES.flatMap((home, number) =>
  Array.from({ length: PEOPLE_PER_SITE }, (_, seat) => person(home, number, seat))
)

function site(name: string, numberPrefix: string, zone: string, vendor: Vendor): Site {
  const uuid = namedUuid(`site:${name}`)
  return { name, uuid, mainNumber: `${numberPrefix}00`, zone: new Zone(zone), vendor, numberPrefix }
}

function person(home: Site, siteNumber: number, seat: number): Owner {
  const index = siteNumber * PEOPLE_PER_SITE + seat
  const listed = NAMES[index % NAMES.length] as string
  // The list is shorter than the staff; from the second round on people carry a number to stay distinct.
  const round = Math.floor(index / NAMES.length)
  const name = round === 0 ? listed : numbered(listed, round + 1)
  const [type, kind] =
    seat === PEOPLE_PER_SITE - 1 ? (['Place', 'place'] as const) : (['User', 'user'] as const)
  const owner = lineOf(name, type, kind, home, 10 + seat)
  return {
    ...owner,
    extension: String(1000 + siteNumber * 100 + seat),
    department: seat % 3 === 0 ? namedUuid(`department:${siteNumber}`) : '',
    device: deviceOf(index, owner),
    recorded: seat % 5 === 0
  }
}

function numbered(name: string, round: number): string {
  return name.includes('@') ? name.replace('@', `${round}@`) : `${name} ${round}`
}

function deviceOf(index: number, owner: Owner): Device {
  if (owner.type === 'Place' || index % 3 === 0) {
    const mac = owner.uuid.replaceAll('-', '').slice(0, 12).toUpperCase()
    const model = PHONE_MODELS[index % PHONE_MODELS.length] as string
    return { clientType: 'WXC_DEVICE', clientVersion: '3.3.1.201', osType: 'na', model, mac }
  }
  if (index % 7 === 0) return { ...CLOUD, clientType: 'TEAMS_WXC_CLIENT', clientVersion: '1.0.2.3' }
  const osType = index % 2 === 0 ? 'win' : 'mac'
  return { clientType: 'WXC_CLIENT', clientVersion: '45.9.0.32857', osType, model: 'na', mac: '' }
}

/** Whoever has a line of a location, with a number of its own and no device. */
export function lineOf(name: string, type: string, kind: PartyKind, home: Site, line: number): Owner {
  const number = home.numberPrefix + String(line).padStart(2, '0')
  const uuid = namedUuid(`owner:${number}`)
  const extension = `8${number.slice(-3)}`
  return {
    name,
    uuid,
    type,
    kind,
    number,
    extension,
    site: home,
    tellsTime: !TIMELESS.includes(name),
    department: '',
    device: CLOUD,
    recorded: false
  }
}
