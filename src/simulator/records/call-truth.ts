/** Whom a call was put to. */
export type PartyKind =
  | 'user'
  | 'place'
  | 'virtual_line'
  | 'attendant'
  | 'ai_receptionist'
  | 'queue'
  | 'hunt_group'
  | 'voicemail'
  | 'callback'
  | 'outside'

/** Why nobody took a call that could have reached somebody. */
export type Refusal = 'blocked' | 'busy' | 'refused' | 'no_answer' | 'failed'

export type PartyOutcome = Refusal | 'answered' | 'passed_on' | 'abandoned' | 'elsewhere' | 'unreachable'

export type CallOutcome = Refusal | 'answered' | 'voicemail' | 'abandoned'

export type CallClass = 'emergency' | 'toll_free' | 'meeting' | 'inbound' | 'outbound' | 'internal'

/** Whoever took part, as the call knew them; null is what nobody told. */
export interface Someone {
  number: string | null
  name: string | null
  userId: string | null
}

/** One party of a call. Times are milliseconds since 1970; docs/BI.md defines every word. */
export interface PartyTruth extends Someone {
  kind: PartyKind
  location: string | null
  offsetMinutes: number | null
  /** Name of the service that put the call through. */
  sentBy: string | null
  sentByKind: PartyKind | null
  presented: number
  answered: number | null
  left: number
  ringSeconds: number
  talkSeconds: number
  holdSeconds: number
  outcome: PartyOutcome
  outcomeReason: string
  keyPressed: string | null
  callType: string
  country: string | null
  vendor: string | null
  trunk: string | null
}

/** What a call really was, told by whoever made it up. Times are milliseconds since 1970. */
export interface CallTruth {
  /** Of its records, in lower case. */
  reportIds: string[]
  start: number
  answered: number | null
  end: number
  offsetMinutes: number | null
  class: CallClass
  callType: string
  outcome: CallOutcome
  outcomeReason: string
  calling: Someone
  called: Someone
  answeredBy: Someone | null
  services: string | null
  waitSeconds: number
  ringSeconds: number
  talkSeconds: number
  holdSeconds: number
  legs: number
  transfers: number
  forwards: number
  location: string | null
  inboundTrunk: string | null
  outboundTrunk: string | null
  vendor: string | null
  country: string | null
  recording: string | null
  spam: string | null
  /** In order of time; those of one millisecond in any order. */
  parties: PartyTruth[]
}
