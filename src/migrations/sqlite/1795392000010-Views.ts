import type { MigrationInterface, QueryRunner } from 'typeorm'

/** What reports read, each in a statement of its own: docs/BI.md defines the columns. */
export class Views1795392000010 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE VIEW cdr_days AS
      -- Ten thousand days from 1 January 2020, a Wednesday. A call that begins on such a day somewhere on earth begins between
      -- earliest_utc and latest_utc. DISTINCT, so that a day is worked out once and not for each call; CROSS JOIN
      -- in the views, so that SQLite begins with the days.
      WITH digits (digit) AS (VALUES (0), (1), (2), (3), (4), (5), (6), (7), (8), (9))
      SELECT DISTINCT date(begins) AS day, (number + 2) % 7 + 1 AS weekday, begins,
             strftime('%Y-%m-%d %H:%M:%f', begins, '1 day') AS ends,
             strftime('%Y-%m-%d %H:%M:%f', begins, '-14 hours') AS earliest_utc,
             strftime('%Y-%m-%d %H:%M:%f', begins, '36 hours') AS latest_utc
      FROM (
        SELECT number, strftime('%Y-%m-%d %H:%M:%f', '2020-01-01', number || ' days') AS begins
        FROM (
          SELECT a.digit + 10 * b.digit + 100 * c.digit + 1000 * d.digit AS number
          FROM digits AS a CROSS JOIN digits AS b CROSS JOIN digits AS c CROSS JOIN digits AS d
        ) AS numbers
      ) AS days
    `)
    await queryRunner.query(`
      CREATE VIEW cdr_calls_by_day AS
      SELECT d.day, c.org_id, c.location_name, c.call_class,
             COUNT(*) AS calls,
             SUM(CASE WHEN c.outcome = 'answered' THEN 1 ELSE 0 END) AS answered_calls,
             SUM(CASE WHEN c.outcome = 'voicemail' THEN 1 ELSE 0 END) AS voicemail_calls,
             SUM(CASE WHEN c.outcome = 'abandoned' THEN 1 ELSE 0 END) AS abandoned_calls,
             SUM(CASE WHEN c.outcome IN ('busy', 'refused', 'no_answer') THEN 1 ELSE 0 END) AS unanswered_calls,
             SUM(CASE WHEN c.outcome IN ('blocked', 'failed') THEN 1 ELSE 0 END) AS failed_calls,
             ROUND(SUM(CASE WHEN c.outcome = 'answered' THEN c.wait_seconds ELSE 0 END) / 60.0, 2) AS answered_wait_minutes,
             ROUND(SUM(c.talk_seconds) / 60.0, 2) AS talk_minutes
      FROM cdr_days AS d
      CROSS JOIN cdr_calls AS c ON c.start_utc >= d.earliest_utc AND c.start_utc < d.latest_utc
        AND c.start_local >= d.begins AND c.start_local < d.ends
      GROUP BY d.day, c.org_id, c.location_name, c.call_class
    `)
    await queryRunner.query(`
      CREATE VIEW cdr_calls_by_hour AS
      SELECT day, weekday, hour, org_id, location_name, call_class,
             COUNT(*) AS calls,
             SUM(CASE WHEN outcome = 'answered' THEN 1 ELSE 0 END) AS answered_calls,
             SUM(CASE WHEN outcome = 'abandoned' THEN 1 ELSE 0 END) AS abandoned_calls,
             ROUND(SUM(talk_seconds) / 60.0, 2) AS talk_minutes
      FROM (
        SELECT d.day, d.weekday, CAST(strftime('%H', c.start_local) AS integer) AS hour,
               c.org_id, c.location_name, c.call_class, c.outcome, c.talk_seconds
        FROM cdr_days AS d
        CROSS JOIN cdr_calls AS c ON c.start_utc >= d.earliest_utc AND c.start_utc < d.latest_utc
          AND c.start_local >= d.begins AND c.start_local < d.ends
      ) AS call
      GROUP BY day, weekday, hour, org_id, location_name, call_class
    `)
    await queryRunner.query(`
      CREATE VIEW cdr_users_by_day AS
      SELECT d.day, c.org_id, p.user_id, p.name, p.location_name,
             COUNT(*) AS presented_parties,
             SUM(CASE WHEN p.outcome = 'answered' THEN 1 ELSE 0 END) AS answered_parties,
             SUM(CASE WHEN p.outcome = 'elsewhere' THEN 1 ELSE 0 END) AS elsewhere_parties,
             SUM(CASE WHEN p.outcome = 'no_answer' OR p.outcome IN ('busy', 'refused') AND p.ring_seconds > 0
                      THEN 1 ELSE 0 END) AS missed_parties,
             ROUND(SUM(p.talk_seconds) / 60.0, 2) AS talk_minutes
      FROM cdr_days AS d
      CROSS JOIN cdr_calls AS c ON c.start_utc >= d.earliest_utc AND c.start_utc < d.latest_utc
        AND c.start_local >= d.begins AND c.start_local < d.ends
      JOIN cdr_call_parties AS p ON p.call_start_utc = c.start_utc AND p.journey_id = c.journey_id
      WHERE p.kind IN ('user', 'place', 'virtual_line')
      GROUP BY d.day, c.org_id, p.user_id, p.name, p.location_name
    `)
    await queryRunner.query(`
      CREATE VIEW cdr_callers_by_day AS
      SELECT d.day, c.org_id, c.calling_user_id AS user_id, c.calling_name AS name, c.location_name, c.call_class,
             COUNT(*) AS calls,
             SUM(CASE WHEN c.outcome = 'answered' THEN 1 ELSE 0 END) AS answered_calls,
             ROUND(SUM(c.talk_seconds) / 60.0, 2) AS talk_minutes
      FROM cdr_days AS d
      CROSS JOIN cdr_calls AS c ON c.start_utc >= d.earliest_utc AND c.start_utc < d.latest_utc
        AND c.start_local >= d.begins AND c.start_local < d.ends
      WHERE c.calling_user_id IS NOT NULL
      GROUP BY d.day, c.org_id, c.calling_user_id, c.calling_name, c.location_name, c.call_class
    `)
    await queryRunner.query(`
      CREATE VIEW cdr_queues_by_day AS
      -- The nearest rank: the least wait that at least so many percent did not exceed. SQLite hands a condition on the day
      -- down through windows, not through GROUP BY.
      SELECT DISTINCT day, org_id, kind, user_id, name, location_name,
             COUNT(*) OVER service AS offered_parties,
             SUM(CASE WHEN outcome = 'answered' THEN 1 ELSE 0 END) OVER service AS answered_parties,
             SUM(CASE WHEN outcome = 'abandoned' THEN 1 ELSE 0 END) OVER service AS abandoned_parties,
             SUM(CASE WHEN outcome = 'passed_on' THEN 1 ELSE 0 END) OVER service AS passed_on_parties,
             MIN(CASE WHEN outcome = 'answered' AND place * 100 >= places * 50 THEN wait_seconds END) OVER service
               AS answered_wait_p50_seconds,
             MIN(CASE WHEN outcome = 'answered' AND place * 100 >= places * 90 THEN wait_seconds END) OVER service
               AS answered_wait_p90_seconds,
             MIN(CASE WHEN outcome = 'answered' AND place * 100 >= places * 95 THEN wait_seconds END) OVER service
               AS answered_wait_p95_seconds,
             MAX(CASE WHEN outcome = 'answered' THEN wait_seconds END) OVER service AS answered_wait_max_seconds,
             MIN(CASE WHEN outcome = 'abandoned' AND place * 100 >= places * 50 THEN wait_seconds END) OVER service
               AS abandoned_wait_p50_seconds
      FROM (
        SELECT day, org_id, kind, user_id, name, location_name, outcome, wait_seconds,
               ROW_NUMBER() OVER (like_it ORDER BY wait_seconds) AS place,
               COUNT(*) OVER like_it AS places
        FROM (
          SELECT d.day, c.org_id, p.kind, p.user_id, p.name, p.location_name, p.outcome,
                 CAST(ROUND((julianday(COALESCE(p.answered_utc, p.left_utc, p.presented_utc)) - julianday(p.presented_utc))
                   * 86400000) AS integer) / 1000
                   AS wait_seconds
          FROM cdr_days AS d
          CROSS JOIN cdr_calls AS c ON c.start_utc >= d.earliest_utc AND c.start_utc < d.latest_utc
            AND c.start_local >= d.begins AND c.start_local < d.ends
          JOIN cdr_call_parties AS p ON p.call_start_utc = c.start_utc AND p.journey_id = c.journey_id
          WHERE p.kind IN ('queue', 'hunt_group')
        ) AS party
        WINDOW like_it AS (PARTITION BY day, org_id, kind, user_id, name, location_name, outcome)
      ) AS ranked
      WINDOW service AS (PARTITION BY day, org_id, kind, user_id, name, location_name)
    `)
    await queryRunner.query(`
      CREATE VIEW cdr_service_levels AS
      SELECT day, org_id, kind, user_id, name, location_name, threshold_seconds,
             offered_parties, answered_parties, answered_within_parties, abandoned_parties, abandoned_within_parties,
             ROUND(100.0 * answered_within_parties / NULLIF(offered_parties - abandoned_within_parties, 0), 2)
               AS service_level_percent
      FROM (
        SELECT day, org_id, kind, user_id, name, location_name, threshold_seconds,
               COUNT(*) AS offered_parties,
               SUM(CASE WHEN outcome = 'answered' THEN 1 ELSE 0 END) AS answered_parties,
               SUM(CASE WHEN outcome = 'answered' AND wait_ms <= threshold_seconds * 1000 THEN 1 ELSE 0 END)
                 AS answered_within_parties,
               SUM(CASE WHEN outcome = 'abandoned' THEN 1 ELSE 0 END) AS abandoned_parties,
               SUM(CASE WHEN outcome = 'abandoned' AND wait_ms <= threshold_seconds * 1000 THEN 1 ELSE 0 END)
                 AS abandoned_within_parties
        FROM (
          SELECT d.day, c.org_id, p.kind, p.user_id, p.name, p.location_name, p.outcome,
                 CAST(ROUND((julianday(COALESCE(p.answered_utc, p.left_utc, p.presented_utc)) - julianday(p.presented_utc))
                   * 86400000) AS integer) AS wait_ms
          FROM cdr_days AS d
          CROSS JOIN cdr_calls AS c ON c.start_utc >= d.earliest_utc AND c.start_utc < d.latest_utc
            AND c.start_local >= d.begins AND c.start_local < d.ends
          JOIN cdr_call_parties AS p ON p.call_start_utc = c.start_utc AND p.journey_id = c.journey_id
          WHERE p.kind IN ('queue', 'hunt_group')
        ) AS party
        CROSS JOIN (
          SELECT 10 AS threshold_seconds UNION ALL SELECT 20 UNION ALL SELECT 30 UNION ALL SELECT 60 UNION ALL SELECT 120
        ) AS threshold
        GROUP BY day, org_id, kind, user_id, name, location_name, threshold_seconds
      ) AS counted
    `)
    await queryRunner.query(`
      CREATE VIEW cdr_agents_by_day AS
      SELECT d.day, c.org_id, p.sent_by AS queue_name, p.user_id, p.name, p.location_name,
             COUNT(*) AS presented_parties,
             SUM(CASE WHEN p.outcome = 'answered' THEN 1 ELSE 0 END) AS answered_parties,
             SUM(CASE WHEN p.outcome = 'no_answer' OR p.outcome IN ('busy', 'refused') AND p.ring_seconds > 0
                      THEN 1 ELSE 0 END) AS bounced_parties,
             SUM(CASE WHEN p.outcome = 'elsewhere' THEN 1 ELSE 0 END) AS elsewhere_parties,
             SUM(CASE WHEN p.outcome = 'unreachable' THEN 1 ELSE 0 END) AS unreachable_parties,
             ROUND(SUM(p.ring_seconds) / 60.0, 2) AS ring_minutes,
             ROUND(SUM(p.talk_seconds) / 60.0, 2) AS talk_minutes,
             ROUND(SUM(p.hold_seconds) / 60.0, 2) AS hold_minutes
      FROM cdr_days AS d
      CROSS JOIN cdr_calls AS c ON c.start_utc >= d.earliest_utc AND c.start_utc < d.latest_utc
        AND c.start_local >= d.begins AND c.start_local < d.ends
      JOIN cdr_call_parties AS p ON p.call_start_utc = c.start_utc AND p.journey_id = c.journey_id
      WHERE p.kind IN ('user', 'place', 'virtual_line') AND p.sent_by_kind IN ('queue', 'hunt_group')
      GROUP BY d.day, c.org_id, p.sent_by, p.user_id, p.name, p.location_name
    `)
    await queryRunner.query(`
      CREATE VIEW cdr_pstn_minutes AS
      -- Inbound: a call from outside, once, however many parties it was put to. Toll-free numbers may be called from inside, too.
      SELECT d.day, c.org_id, c.location_name, 'inbound' AS direction, c.call_type, c.country, c.pstn_vendor_name,
             COUNT(*) AS answered_legs,
             ROUND(SUM(c.talk_seconds) / 60.0, 2) AS minutes
      FROM cdr_days AS d
      CROSS JOIN cdr_calls AS c ON c.start_utc >= d.earliest_utc AND c.start_utc < d.latest_utc
        AND c.start_local >= d.begins AND c.start_local < d.ends
      WHERE +c.outcome = 'answered'
        AND (c.call_class = 'inbound' OR c.call_class = 'toll_free' AND NOT EXISTS (
          SELECT 1 FROM cdr_call_parties AS p
          WHERE p.call_start_utc = c.start_utc AND p.journey_id = c.journey_id
            AND p.kind = 'outside' AND p.call_type = 'SIP_TOLLFREE'
        ))
      GROUP BY d.day, c.org_id, c.location_name, c.call_type, c.country, c.pstn_vendor_name
      UNION ALL
      -- Outbound: each leg to outside, of a call or of what was forwarded or transferred there.
      SELECT d.day, c.org_id, c.location_name, 'outbound', p.call_type, p.country, p.pstn_vendor_name,
             COUNT(*),
             ROUND(SUM(p.talk_seconds) / 60.0, 2)
      FROM cdr_days AS d
      CROSS JOIN cdr_calls AS c ON c.start_utc >= d.earliest_utc AND c.start_utc < d.latest_utc
        AND c.start_local >= d.begins AND c.start_local < d.ends
      JOIN cdr_call_parties AS p ON p.call_start_utc = c.start_utc AND p.journey_id = c.journey_id
      WHERE +p.kind = 'outside' AND +p.outcome = 'answered'
        AND p.call_type NOT IN ('SIP_INBOUND', 'SIP_ENTERPRISE', 'SIP_MEETING', 'SIP_URI', 'ZTN', 'UNKNOWN')
      GROUP BY d.day, c.org_id, c.location_name, p.call_type, p.country, p.pstn_vendor_name
    `)
    await queryRunner.query(`
      CREATE VIEW cdr_trunk_hours AS
      -- What has a trunk is cut at full hours, and each hour is counted by itself. An inbound trunk is held until the call ends.
      -- A call is looked at on the day when it begins and the two after.
      WITH hours (hour) AS (
        VALUES (0), (1), (2), (3), (4), (5), (6), (7), (8), (9), (10), (11),
               (12), (13), (14), (15), (16), (17), (18), (19), (20), (21), (22), (23)
      ),
      held AS (
        SELECT d.day AS day_utc, d.begins, d.ends, c.org_id, p.trunk, p.journey_id, p.position,
               p.presented_utc AS start_utc,
               CASE WHEN p.kind = 'outside' THEN p.left_utc ELSE c.end_utc END AS end_utc
        FROM cdr_days AS d
        CROSS JOIN cdr_call_parties AS p ON p.call_start_utc >= strftime('%Y-%m-%d %H:%M:%f', d.begins, '-2 days')
          AND p.call_start_utc < d.ends
        CROSS JOIN cdr_calls AS c ON c.start_utc = p.call_start_utc AND c.journey_id = p.journey_id
        WHERE p.trunk IS NOT NULL
      ),
      -- DISTINCT, so that a leg is worked out once and not for each hour.
      cut AS (
        SELECT DISTINCT day_utc, begins, ends, org_id, trunk, journey_id, position, start_utc, end_utc,
               CASE WHEN start_utc < begins THEN 0 ELSE CAST(strftime('%H', start_utc) AS integer) END AS first_hour,
               CASE WHEN end_utc >= ends THEN 23 ELSE CAST(strftime('%H', end_utc) AS integer) END AS last_hour
        FROM held
        WHERE start_utc < ends AND end_utc > begins AND end_utc > start_utc
      ),
      slices AS (
        SELECT day_utc, hour, org_id, trunk,
               CASE WHEN hour = first_hour AND start_utc >= begins THEN start_utc
                    ELSE strftime('%Y-%m-%d %H:%M:%f', begins, hour || ' hours') END AS from_utc,
               CASE WHEN hour = last_hour AND end_utc < ends THEN end_utc
                    ELSE strftime('%Y-%m-%d %H:%M:%f', begins, (hour + 1) || ' hours') END AS to_utc
        FROM cut
        CROSS JOIN hours ON hour >= first_hour AND hour <= last_hour
      ),
      -- Where one ends as another begins, the trunk has one.
      counted AS (
        SELECT day_utc, hour, org_id, trunk, delta,
               CASE WHEN delta = 1 THEN CAST(ROUND((julianday(to_utc) - julianday(from_utc)) * 86400000) AS integer)
                    ELSE 0 END AS held_ms,
               SUM(delta) OVER (
                 PARTITION BY day_utc, hour, org_id, trunk
                 ORDER BY CASE WHEN delta = 1 THEN from_utc ELSE to_utc END, delta
                 ROWS UNBOUNDED PRECEDING
               ) AS concurrent
        FROM slices
        CROSS JOIN (SELECT 1 AS delta UNION ALL SELECT -1) AS steps
        WHERE to_utc > from_utc
      )
      -- SQLite hands a condition on the day down through windows, not through GROUP BY.
      SELECT DISTINCT day_utc, hour, org_id, trunk,
             SUM(CASE WHEN delta = 1 THEN 1 ELSE 0 END) OVER of_hour AS parties,
             MAX(concurrent) OVER of_hour AS peak_concurrent_parties,
             (SUM(held_ms) OVER of_hour + 1800) / 3600 / 1000.0 AS erlangs
      FROM counted
      WINDOW of_hour AS (PARTITION BY day_utc, hour, org_id, trunk)
    `)
    await queryRunner.query(`
      CREATE VIEW cdr_failures AS
      SELECT d.day, c.org_id, c.location_name, c.call_class, c.outcome, c.outcome_reason,
             COUNT(*) AS calls
      FROM cdr_days AS d
      CROSS JOIN cdr_calls AS c ON c.start_utc >= d.earliest_utc AND c.start_utc < d.latest_utc
        AND c.start_local >= d.begins AND c.start_local < d.ends
      WHERE c.outcome NOT IN ('answered', 'voicemail', 'abandoned')
      GROUP BY d.day, c.org_id, c.location_name, c.call_class, c.outcome, c.outcome_reason
    `)
    await queryRunner.query(`
      CREATE VIEW cdr_attendant_keys AS
      SELECT d.day, c.org_id, p.user_id, p.name, p.location_name, p.key_pressed,
             COUNT(*) AS parties,
             SUM(CASE WHEN p.outcome = 'passed_on' THEN 1 ELSE 0 END) AS passed_on_parties,
             SUM(CASE WHEN p.outcome = 'abandoned' THEN 1 ELSE 0 END) AS abandoned_parties
      FROM cdr_days AS d
      CROSS JOIN cdr_calls AS c ON c.start_utc >= d.earliest_utc AND c.start_utc < d.latest_utc
        AND c.start_local >= d.begins AND c.start_local < d.ends
      JOIN cdr_call_parties AS p ON p.call_start_utc = c.start_utc AND p.journey_id = c.journey_id
      WHERE +p.kind = 'attendant'
      GROUP BY d.day, c.org_id, p.user_id, p.name, p.location_name, p.key_pressed
    `)
    await queryRunner.query(`
      CREATE VIEW cdr_completeness AS
      WITH hours (hour) AS (
        VALUES (0), (1), (2), (3), (4), (5), (6), (7), (8), (9), (10), (11),
               (12), (13), (14), (15), (16), (17), (18), (19), (20), (21), (22), (23)
      ),
      asked AS (
        SELECT scope, start_utc, COALESCE(end_utc, strftime('%Y-%m-%d %H:%M:%f', 'now')) AS end_utc
        FROM cdr_coverage
        WHERE source = 'asked'
      ),
      asked_hours AS (
        SELECT DISTINCT a.scope, d.day AS day_utc, hour,
               strftime('%Y-%m-%d %H:%M:%f', d.begins, hour || ' hours') AS from_utc,
               strftime('%Y-%m-%d %H:%M:%f', d.begins, (hour + 1) || ' hours') AS to_utc
        FROM cdr_days AS d
        CROSS JOIN asked AS a ON a.start_utc < d.ends AND a.end_utc > d.begins
        JOIN hours ON a.start_utc < strftime('%Y-%m-%d %H:%M:%f', d.begins, (hour + 1) || ' hours')
          AND a.end_utc > strftime('%Y-%m-%d %H:%M:%f', d.begins, hour || ' hours')
        WHERE a.end_utc > a.start_utc
      ),
      complete AS (
        SELECT scope, MAX(complete_until_utc) AS until_utc
        FROM cdr_sync_state
        WHERE id IN (SELECT MAX(id) FROM cdr_sync_state WHERE complete_until_utc IS NOT NULL GROUP BY source, scope)
        GROUP BY scope
      )
      SELECT h.day_utc, h.hour, h.scope,
             CASE
               WHEN EXISTS (
                 SELECT 1 FROM cdr_sync_errors AS e
                 WHERE e.error_type = 'Gap' AND e.recovered = 0 AND e.scope = h.scope
                   AND e.range_start_utc < h.to_utc AND e.range_end_utc > h.from_utc
               ) THEN 'gap'
               WHEN EXISTS (
                 SELECT 1 FROM cdr_coverage AS v
                 WHERE v.source = 'accepted' AND v.scope = h.scope
                   AND v.start_utc < h.to_utc AND v.end_utc > h.from_utc AND v.end_utc > v.start_utc
               ) THEN 'accepted'
               WHEN c.until_utc >= h.to_utc THEN 'complete'
               ELSE 'pending'
             END AS state
      FROM asked_hours AS h
      LEFT JOIN complete AS c ON c.scope = h.scope
    `)
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP VIEW cdr_completeness')
    await queryRunner.query('DROP VIEW cdr_attendant_keys')
    await queryRunner.query('DROP VIEW cdr_failures')
    await queryRunner.query('DROP VIEW cdr_trunk_hours')
    await queryRunner.query('DROP VIEW cdr_pstn_minutes')
    await queryRunner.query('DROP VIEW cdr_agents_by_day')
    await queryRunner.query('DROP VIEW cdr_service_levels')
    await queryRunner.query('DROP VIEW cdr_queues_by_day')
    await queryRunner.query('DROP VIEW cdr_callers_by_day')
    await queryRunner.query('DROP VIEW cdr_users_by_day')
    await queryRunner.query('DROP VIEW cdr_calls_by_hour')
    await queryRunner.query('DROP VIEW cdr_calls_by_day')
    await queryRunner.query('DROP VIEW cdr_days')
  }
}
