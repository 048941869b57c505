import type { EntityManager } from 'typeorm'
import { DAY } from '../../coverage/rules.js'
import { currentDialect } from '../../entities/dialect.js'
import type { Period } from '../period.js'
import { grouped, legsOf, secondsBetween, tally } from './grouped.js'

export type Trunks = Awaited<ReturnType<typeof trunksOf>>

/**
 * By trunk and hour of the location's time: legs that began, and the most at once. A trunk is held from the moment when
 * its leg began: to its end if that leads outside, otherwise to the end of the call.
 */
export function trunksOf(manager: EntityManager, period: Period) {
  // What is held as the period begins.
  const legs = legsOf(manager, { ...period, since: period.since - DAY })
    .andWhere('p.trunk IS NOT NULL')
    .select('p.trunk', 'trunk')
    .addSelect('p.presentedUtc', 'began')
    .addSelect("CASE WHEN p.kind = 'outside' THEN p.leftUtc ELSE c.endUtc END", 'ended')
    .addSelect('COALESCE(c.utcOffsetMinutes, 0)', 'shift')
  const steps = `
    SELECT l.trunk, l.shift, delta, CASE WHEN delta = 1 THEN l.began ELSE l.ended END AS moment,
           CASE WHEN delta = 1 THEN ${secondsBetween('l.began', 'l.ended')} ELSE 0 END AS held
    FROM (${legs.getQuery()}) AS l CROSS JOIN (SELECT 1 AS delta UNION ALL SELECT -1) AS steps
    WHERE l.ended > l.began`
  // Where one ends as another begins, the trunk has one.
  const counted = `
    SELECT s.trunk, s.shift, s.delta, s.moment, s.held,
           SUM(s.delta) OVER (PARTITION BY s.trunk ORDER BY s.moment, s.delta ROWS UNBOUNDED PRECEDING) AS busy
    FROM (${steps}) AS s`
  const query = manager
    .createQueryBuilder()
    .from(`(${counted})`, 't')
    .where('t.moment >= :since', { ...legs.getParameters(), since: new Date(period.since) })
  return grouped(
    query,
    { trunk: 't.trunk', hour: localHour('t.moment', 't.shift') },
    { legs: tally('t.delta = 1'), seconds: 'SUM(t.held)', peak: 'MAX(t.busy)' }
  )
}

/** “2026-11-01 08” of a moment in UTC, so many minutes from there. */
function localHour(moment: string, minutes: string): string {
  return currentDialect() === 'mssql'
    ? `CONVERT(char(13), DATEADD(minute, ${minutes}, ${moment}), 120)`
    : `strftime('%Y-%m-%d %H', ${moment}, ${minutes} || ' minutes')`
}
