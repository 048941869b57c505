import type { EntityManager } from 'typeorm'
import { watermarks } from '../coverage/watermark.js'

/** What to say of each watermark that lies ahead of this machine's clock: one of the two is wrong. */
export async function futureWatermarks(manager: EntityManager, now: number): Promise<string[]> {
  const ahead = (await watermarks(manager)).filter(({ watermark }) => watermark > now)
  return ahead.map(
    ({ source, scope, watermark }) =>
      `${source}, ${scope}: the watermark ${new Date(watermark).toISOString()} is in the future: the clock of this machine is behind, or was ahead; synchronise it with NTP`
  )
}
