import type { Draw } from './draw.js'
import { blankItem, type Item } from './item.js'
import { ORG_UUID, type Owner } from './organisation.js'

/** What all records of one call have in common. */
export interface Call {
  correlationId: string
  interactionId: string
  type: string
}

/** One half of a leg: the names by which its device and its switch know it. */
export interface End {
  /** Local call ID. */
  id: string
  /** Call ID; empty where no device was reached. */
  sip: string
  session: string
}

/** Milliseconds since 1970. */
export interface Times {
  start: number
  /** Missing when nobody answered. */
  answer?: number
  release: number
}

export interface Line {
  number: string
  name: string
}

export interface LegPlan {
  call: Call
  direction: 'ORIGINATING' | 'TERMINATING'
  owner: Owner
  calling: Line
  called: Line
  times: Times
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

export function newCall(draw: Draw, type: string): Call {
  return { correlationId: draw.uuid(), interactionId: draw.uuid(), type }
}

export function newEnd(draw: Draw): End {
  const sip = `SSE${draw.digits(12)}-${draw.digits(9)}@10.${draw.whole(20, 23)}.${draw.whole(0, 255)}.97`
  return { id: `${draw.digits(9)}:0`, sip, session: draw.hex(32) }
}

/** The half of a leg that never reached a device: it has no Call ID, as in the live sample. */
export function unreachedEnd(draw: Draw): End {
  return { id: `${draw.digits(9)}:0`, sip: '', session: '' }
}

export function newNetworkId(draw: Draw): string {
  return `BW${draw.digits(15)}${draw.digits(10)}@10.21.0.${draw.whole(1, 254)}`
}

export function iso(time: number): string {
  return new Date(time).toISOString()
}

/** Fills a record from a plan; `plan.more` has the last word. */
export function leg(plan: LegPlan): Leg {
  const { start, release } = plan.times
  const item = blankItem()
  fillCall(item, plan)
  fillOwner(item, plan.owner)
  fillTimes(item, plan.times)
  fillEnds(item, plan)
  Object.assign(item, plan.more)
  return { start, release, item }
}

function fillCall(item: Item, { call, direction, calling, called, owner }: LegPlan): void {
  item.Direction = direction
  item['Correlation ID'] = call.correlationId
  item['Interaction ID'] = call.interactionId
  item['Call type'] = call.type
  item['Calling number'] = calling.number
  item['Calling line ID'] = calling.name
  item['Called number'] = called.number
  item['Called line ID'] = called.name
  item['Caller ID number'] = calling.number
  item['External caller ID number'] = owner.number
  item['Org UUID'] = ORG_UUID
  if (direction === 'ORIGINATING') item['Dialed digits'] = called.number.replace('+', '')
  if (call.type !== 'SIP_ENTERPRISE') {
    item['PSTN legal entity'] = 'Broadsoft Adaption LLC'
    item['PSTN vendor name'] = 'Cisco Calling Plans'
    item['PSTN vendor org ID'] = '0b43a1a8-2efd-4892-b301-e7a5a6d2c884'
    item['PSTN provider ID'] = '3fac3e13-f8de-43b4-ad85-c2862ae3afe8'
  }
}

function fillOwner(item: Item, owner: Owner): void {
  item.User = owner.name
  item['User UUID'] = owner.uuid
  item['User type'] = owner.type
  item['User number'] = owner.number
  item['Department ID'] = owner.department
  item.Location = owner.site.name
  item['Site UUID'] = owner.site.uuid
  item['Site main number'] = owner.site.mainNumber
  item['Site timezone'] = owner.site.timezone
}

function fillTimes(item: Item, { start, answer, release }: Times): void {
  item['Start time'] = iso(start)
  item['Release time'] = iso(release)
  // In every live record the two are equal, to the millisecond.
  item['Report time'] = item['Release time']
  item['Ring duration'] = String(Math.floor(((answer ?? release) - start) / 1000))
  if (answer === undefined) return
  item.Answered = 'true'
  item['Answer time'] = iso(answer)
  item['Answer indicator'] = 'Yes'
  item.Duration = Math.floor((release - answer) / 1000)
  item['Call outcome'] = 'Success'
  item['Call outcome reason'] = 'Normal'
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
