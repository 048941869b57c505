import type { Conversation } from './conversation.js'
import type { Draw } from './draw.js'
import { blankItem, type Item } from './item.js'
import { ORG_UUID, type Owner, type Vendor } from './organisation.js'

const EDGES = Array.from({ length: 256 }, (_, i) => `@10.20.${i}.97`)
const SWITCHES = Array.from({ length: 254 }, (_, i) => `@10.21.0.${i + 1}`)

/** What the records of one session have in common. */
export interface Session {
  correlationId: string
  interactionId: string
}

/** One half of a leg: the names by which its device and its switch know it. */
export interface End {
  /** Local call ID. */
  id: string
  /** Call ID; empty where no device was reached. */
  sip: string
  session: string
}

export interface Line {
  number: string
  name: string
}

export interface LegPlan {
  session: Session
  /** Call type. */
  type: string
  direction: 'ORIGINATING' | 'TERMINATING'
  owner: Owner
  calling: Line
  called: Line
  conversation: Conversation
  /** Who sells the way to the outside, where the leg takes one that is sold. */
  vendor?: Vendor
  network: string
  local: End
  /** The other half, where it is in Webex Calling too. */
  remote?: End
  more?: Partial<Item>
}

/** A record as the call leaves it, before it has a Report ID. */
export interface Leg {
  start: number
  release: number
  item: Item
}

export function newSession(draw: Draw): Session {
  return { correlationId: draw.uuid(), interactionId: draw.uuid() }
}

export function newEnd(draw: Draw): End {
  const sip = ['SSE', draw.digits(12), draw.digits(9), draw.pick(EDGES)].join('')
  return { id: `${draw.digits(10)}:0`, sip, session: draw.hex(32) }
}

/** The half of a leg that never reached a device: it has no Call ID, as in the live sample. */
export function unreachedEnd(draw: Draw): End {
  return { id: `${draw.digits(10)}:0`, sip: '', session: '' }
}

export function newNetworkId(draw: Draw): string {
  return ['BW', draw.digits(15), draw.digits(10), draw.pick(SWITCHES)].join('')
}

export function iso(time: number): string {
  return new Date(time).toISOString()
}

/** Fills a record from a plan; `plan.more` has the last word. */
export function itemOf(plan: LegPlan): Item {
  const item = blankItem()
  fillCall(item, plan)
  fillOwner(item, plan.owner, plan.conversation.times.start)
  fillTimes(item, plan.conversation)
  fillEnds(item, plan)
  if (plan.more) Object.assign(item, plan.more)
  return item
}

function fillCall(item: Item, plan: LegPlan): void {
  const { session, type, direction, calling, called, owner, vendor } = plan
  item.Direction = direction
  item['Correlation ID'] = session.correlationId
  item['Interaction ID'] = session.interactionId
  item['Call type'] = type
  item['Calling number'] = calling.number
  item['Calling line ID'] = calling.name
  item['Called number'] = called.number
  item['Called line ID'] = called.name
  item['Caller ID number'] = calling.number
  item['External caller ID number'] = owner.number
  item['Org UUID'] = ORG_UUID
  if (direction === 'ORIGINATING') item['Dialed digits'] = called.number.replace('+', '')
  if (vendor === undefined) return
  item['PSTN legal entity'] = vendor.legalEntity
  item['PSTN vendor name'] = vendor.name
  item['PSTN vendor org ID'] = vendor.orgId
  item['PSTN provider ID'] = vendor.providerId
}

function fillOwner(item: Item, owner: Owner, start: number): void {
  item.User = owner.name
  item['User UUID'] = owner.uuid
  item['User type'] = owner.type
  item['User number'] = owner.number
  item['Department ID'] = owner.department
  item.Location = owner.site.name
  item['Site UUID'] = owner.site.uuid
  item['Site main number'] = owner.site.mainNumber
  if (owner.tellsTime) item['Site timezone'] = String(owner.site.zone.offsetAt(start))
}

function fillTimes(item: Item, { times, said, releasing, hold }: Conversation): void {
  const { start, answer, release, ring } = times
  item['Start time'] = iso(start)
  item['Release time'] = iso(release)
  // In every live record the two are equal, to the millisecond.
  item['Report time'] = item['Release time']
  item['Ring duration'] = String(ring)
  item['Call outcome'] = said.outcome
  item['Call outcome reason'] = said.reason
  item['Releasing party'] = releasing
  item['Hold duration'] = hold
  if (answer === undefined) return
  item.Answered = 'true'
  item['Answer time'] = iso(answer)
  item['Answer indicator'] = 'Yes'
  item.Duration = Math.floor((release - answer) / 1000)
}

function fillEnds(item: Item, { local, remote, network, owner }: LegPlan): void {
  item['Network call ID'] = network
  item['Local call ID'] = local.id
  item['Remote call ID'] = remote?.id ?? ''
  item['Call ID'] = local.sip
  item['Client type'] = owner.device.clientType
  if (local.sip === '') return
  item['Client version'] = owner.device.clientVersion
  item['OS type'] = owner.device.osType
  item.Model = owner.device.model
  item['Device MAC'] = owner.device.mac
  item['Local SessionID'] = local.session
  item['Final local SessionID'] = local.session
  item['Remote SessionID'] = remote?.session ?? ''
  item['Final remote SessionID'] = remote?.session ?? ''
}
