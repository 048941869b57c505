import type { Call } from '../../src/calls/call.js'
import type { CallTruth, PartyTruth } from '../../src/simulator/index.js'

/** What the simulator says a call was, and what the database has of it, in the same words. Times are in ms. */
export interface Compared {
  call: Record<string, unknown>
  parties: Record<string, unknown>[]
}

export function told(truth: CallTruth): Compared {
  const { calling, called, answeredBy, parties, reportIds, ...rest } = truth
  return {
    call: {
      ...rest,
      callingNumber: calling.number,
      callingName: calling.name,
      callingUserId: calling.userId,
      calledNumber: called.number,
      calledName: called.name,
      calledUserId: called.userId,
      answeredByNumber: answeredBy?.number ?? null,
      answeredByName: answeredBy?.name ?? null,
      answeredByUserId: answeredBy?.userId ?? null
    },
    parties: inOrder(parties.map((party: PartyTruth) => ({ ...party })))
  }
}

export function stored({ call, parties }: Call): Compared {
  const { answeredUtc, endUtc, startUtc } = call
  return {
    call: {
      start: startUtc.getTime(),
      answered: answeredUtc?.getTime() ?? null,
      end: endUtc?.getTime() ?? null,
      offsetMinutes: call.utcOffsetMinutes,
      class: call.callClass,
      callType: call.callType,
      outcome: call.outcome,
      outcomeReason: call.outcomeReason,
      services: call.services,
      waitSeconds: call.waitSeconds,
      ringSeconds: call.ringSeconds,
      talkSeconds: call.talkSeconds,
      holdSeconds: call.holdSeconds,
      legs: call.legs,
      transfers: call.transfers,
      forwards: call.forwards,
      location: call.locationName,
      inboundTrunk: call.inboundTrunk,
      outboundTrunk: call.outboundTrunk,
      vendor: call.pstnVendorName,
      country: call.country,
      recording: call.recordingResult,
      spam: call.spamResult,
      callingNumber: call.callingNumber,
      callingName: call.callingName,
      callingUserId: call.callingUserId,
      calledNumber: call.calledNumber,
      calledName: call.calledName,
      calledUserId: call.calledUserId,
      answeredByNumber: call.answeredByNumber,
      answeredByName: call.answeredByName,
      answeredByUserId: call.answeredByUserId
    },
    parties: inOrder(
      parties.map((party) => ({
        kind: party.kind,
        number: party.number,
        name: party.name,
        userId: party.userId,
        location: party.locationName,
        offsetMinutes: party.utcOffsetMinutes,
        sentBy: party.sentBy,
        sentByKind: party.sentByKind,
        presented: party.presentedUtc.getTime(),
        answered: party.answeredUtc?.getTime() ?? null,
        left: party.leftUtc?.getTime() ?? null,
        ringSeconds: party.ringSeconds,
        talkSeconds: party.talkSeconds,
        holdSeconds: party.holdSeconds,
        outcome: party.outcome,
        outcomeReason: party.outcomeReason,
        keyPressed: party.keyPressed,
        callType: party.callType,
        country: party.country,
        vendor: party.pstnVendorName,
        trunk: party.trunk
      }))
    )
  }
}

/** Those of one millisecond are in any order. */
function inOrder(parties: Record<string, unknown>[]): Record<string, unknown>[] {
  return parties.sort(
    (a, b) =>
      Number(a.presented) - Number(b.presented) ||
      `${a.kind} ${a.name} ${a.outcome}`.localeCompare(`${b.kind} ${b.name} ${b.outcome}`)
  )
}
