import type { MigrationInterface, QueryRunner } from 'typeorm'

/**
 * What reports read, each in a statement of its own: docs/BI.md defines the columns. A server's estimate of such a join can be
 * far wrong: TOP in a CROSS APPLY, or a GROUP BY with MAX that no other condition gets through, makes it begin with the days.
 */
export class Views1795392000010 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE VIEW dbo.cdr_days AS
      -- Ten thousand days from 1 January 2020, a Wednesday. A call that begins on such a day somewhere on earth begins between
      -- earliest_utc and latest_utc. DISTINCT, so that a day is worked out once and not for each call.
      SELECT DISTINCT CAST(begins AS date) AS day, (number + 2) % 7 + 1 AS weekday, begins, DATEADD(day, 1, begins) AS ends,
             DATEADD(hour, -14, begins) AS earliest_utc, DATEADD(hour, 36, begins) AS latest_utc
      FROM (
        SELECT number, DATEADD(day, number, CAST('2020-01-01' AS datetime2(3))) AS begins
        FROM (
          SELECT a.digit + 10 * b.digit + 100 * c.digit + 1000 * d.digit AS number
          FROM (VALUES (0), (1), (2), (3), (4), (5), (6), (7), (8), (9)) AS a (digit)
          CROSS JOIN (VALUES (0), (1), (2), (3), (4), (5), (6), (7), (8), (9)) AS b (digit)
          CROSS JOIN (VALUES (0), (1), (2), (3), (4), (5), (6), (7), (8), (9)) AS c (digit)
          CROSS JOIN (VALUES (0), (1), (2), (3), (4), (5), (6), (7), (8), (9)) AS d (digit)
        ) AS numbers
      ) AS days;
    `)
    await queryRunner.query(`
      CREATE VIEW dbo.cdr_calls_by_day AS
      SELECT d.day, c.org_id, c.location_name, c.call_class,
             COUNT(*) AS calls,
             SUM(CASE WHEN c.outcome = N'answered' THEN 1 ELSE 0 END) AS answered_calls,
             SUM(CASE WHEN c.outcome = N'voicemail' THEN 1 ELSE 0 END) AS voicemail_calls,
             SUM(CASE WHEN c.outcome = N'abandoned' THEN 1 ELSE 0 END) AS abandoned_calls,
             SUM(CASE WHEN c.outcome IN (N'busy', N'refused', N'no_answer') THEN 1 ELSE 0 END) AS unanswered_calls,
             SUM(CASE WHEN c.outcome IN (N'blocked', N'failed') THEN 1 ELSE 0 END) AS failed_calls,
             CAST(SUM(CASE WHEN c.outcome = N'answered' THEN CAST(c.wait_seconds AS bigint) ELSE 0 END) / 60.0
               AS decimal(18, 2)) AS answered_wait_minutes,
             CAST(SUM(CAST(c.talk_seconds AS bigint)) / 60.0 AS decimal(18, 2)) AS talk_minutes
      FROM dbo.cdr_days AS d
      CROSS APPLY (
        SELECT TOP (9223372036854775807)
               c.org_id, c.location_name, c.call_class, c.outcome, c.wait_seconds, c.talk_seconds
        FROM dbo.cdr_calls AS c
        WHERE c.start_utc >= d.earliest_utc AND c.start_utc < d.latest_utc
          AND c.start_local >= d.begins AND c.start_local < d.ends
      ) AS c
      GROUP BY d.day, c.org_id, c.location_name, c.call_class;
    `)
    await queryRunner.query(`
      CREATE VIEW dbo.cdr_calls_by_hour AS
      SELECT day, weekday, hour, org_id, location_name, call_class,
             COUNT(*) AS calls,
             SUM(CASE WHEN outcome = N'answered' THEN 1 ELSE 0 END) AS answered_calls,
             SUM(CASE WHEN outcome = N'abandoned' THEN 1 ELSE 0 END) AS abandoned_calls,
             CAST(SUM(CAST(talk_seconds AS bigint)) / 60.0 AS decimal(18, 2)) AS talk_minutes
      FROM (
        SELECT d.day, d.weekday, DATEPART(hour, c.start_local) AS hour,
               c.org_id, c.location_name, c.call_class, c.outcome, c.talk_seconds
        FROM dbo.cdr_days AS d
        CROSS APPLY (
          SELECT TOP (9223372036854775807)
                 c.start_local, c.org_id, c.location_name, c.call_class, c.outcome, c.talk_seconds
          FROM dbo.cdr_calls AS c
          WHERE c.start_utc >= d.earliest_utc AND c.start_utc < d.latest_utc
            AND c.start_local >= d.begins AND c.start_local < d.ends
        ) AS c
      ) AS call
      GROUP BY day, weekday, hour, org_id, location_name, call_class;
    `)
    await queryRunner.query(`
      CREATE VIEW dbo.cdr_users_by_day AS
      SELECT c.day, c.org_id, p.user_id, p.name, p.location_name,
             COUNT(*) AS presented_parties,
             SUM(CASE WHEN p.outcome = N'answered' THEN 1 ELSE 0 END) AS answered_parties,
             SUM(CASE WHEN p.outcome = N'elsewhere' THEN 1 ELSE 0 END) AS elsewhere_parties,
             SUM(CASE WHEN p.outcome = N'no_answer' OR p.outcome IN (N'busy', N'refused') AND p.ring_seconds > 0
                      THEN 1 ELSE 0 END) AS missed_parties,
             CAST(SUM(CAST(p.talk_seconds AS bigint)) / 60.0 AS decimal(18, 2)) AS talk_minutes
      FROM (
        SELECT d.day, MAX(c.org_id) AS org_id, c.start_utc, c.journey_id
        FROM dbo.cdr_days AS d
        JOIN dbo.cdr_calls AS c ON c.start_utc >= d.earliest_utc AND c.start_utc < d.latest_utc
          AND c.start_local >= d.begins AND c.start_local < d.ends
        GROUP BY d.day, c.start_utc, c.journey_id
      ) AS c
      JOIN dbo.cdr_call_parties AS p ON p.call_start_utc = c.start_utc AND p.journey_id = c.journey_id
      WHERE p.kind IN (N'user', N'place', N'virtual_line')
      GROUP BY c.day, c.org_id, p.user_id, p.name, p.location_name;
    `)
    await queryRunner.query(`
      CREATE VIEW dbo.cdr_callers_by_day AS
      SELECT d.day, c.org_id, c.calling_user_id AS user_id, c.calling_name AS name, c.location_name, c.call_class,
             COUNT(*) AS calls,
             SUM(CASE WHEN c.outcome = N'answered' THEN 1 ELSE 0 END) AS answered_calls,
             CAST(SUM(CAST(c.talk_seconds AS bigint)) / 60.0 AS decimal(18, 2)) AS talk_minutes
      FROM dbo.cdr_days AS d
      CROSS APPLY (
        SELECT TOP (9223372036854775807)
               c.org_id, c.calling_user_id, c.calling_name, c.location_name, c.call_class, c.outcome, c.talk_seconds
        FROM dbo.cdr_calls AS c
        WHERE c.start_utc >= d.earliest_utc AND c.start_utc < d.latest_utc
          AND c.start_local >= d.begins AND c.start_local < d.ends
          AND c.calling_user_id IS NOT NULL
      ) AS c
      GROUP BY d.day, c.org_id, c.calling_user_id, c.calling_name, c.location_name, c.call_class;
    `)
    await queryRunner.query(`
      CREATE VIEW dbo.cdr_queues_by_day AS
      -- The nearest rank: the least wait that at least so many percent did not exceed.
      SELECT day, org_id, kind, user_id, name, location_name,
             COUNT(*) AS offered_parties,
             SUM(CASE WHEN outcome = N'answered' THEN 1 ELSE 0 END) AS answered_parties,
             SUM(CASE WHEN outcome = N'abandoned' THEN 1 ELSE 0 END) AS abandoned_parties,
             SUM(CASE WHEN outcome = N'passed_on' THEN 1 ELSE 0 END) AS passed_on_parties,
             MIN(CASE WHEN outcome = N'answered' AND place * 100 >= places * 50 THEN wait_seconds END)
               AS answered_wait_p50_seconds,
             MIN(CASE WHEN outcome = N'answered' AND place * 100 >= places * 90 THEN wait_seconds END)
               AS answered_wait_p90_seconds,
             MIN(CASE WHEN outcome = N'answered' AND place * 100 >= places * 95 THEN wait_seconds END)
               AS answered_wait_p95_seconds,
             MAX(CASE WHEN outcome = N'answered' THEN wait_seconds END) AS answered_wait_max_seconds,
             MIN(CASE WHEN outcome = N'abandoned' AND place * 100 >= places * 50 THEN wait_seconds END)
               AS abandoned_wait_p50_seconds
      FROM (
        SELECT day, org_id, kind, user_id, name, location_name, outcome, wait_seconds,
               ROW_NUMBER() OVER (
                 PARTITION BY day, org_id, kind, user_id, name, location_name, outcome ORDER BY wait_seconds
               ) AS place,
               COUNT(*) OVER (PARTITION BY day, org_id, kind, user_id, name, location_name, outcome) AS places
        FROM (
          SELECT c.day, c.org_id, p.kind, p.user_id, p.name, p.location_name, p.outcome,
                 DATEDIFF_BIG(millisecond, p.presented_utc, COALESCE(p.answered_utc, p.left_utc, p.presented_utc)) / 1000
                   AS wait_seconds
          FROM (
            SELECT d.day, MAX(c.org_id) AS org_id, c.start_utc, c.journey_id
            FROM dbo.cdr_days AS d
            JOIN dbo.cdr_calls AS c ON c.start_utc >= d.earliest_utc AND c.start_utc < d.latest_utc
              AND c.start_local >= d.begins AND c.start_local < d.ends
            GROUP BY d.day, c.start_utc, c.journey_id
          ) AS c
          JOIN dbo.cdr_call_parties AS p ON p.call_start_utc = c.start_utc AND p.journey_id = c.journey_id
          WHERE p.kind IN (N'queue', N'hunt_group')
        ) AS party
      ) AS ranked
      GROUP BY day, org_id, kind, user_id, name, location_name;
    `)
    await queryRunner.query(`
      CREATE VIEW dbo.cdr_service_levels AS
      SELECT day, org_id, kind, user_id, name, location_name, threshold_seconds,
             offered_parties, answered_parties, answered_within_parties, abandoned_parties, abandoned_within_parties,
             CAST(100.0 * answered_within_parties / NULLIF(offered_parties - abandoned_within_parties, 0) AS decimal(5, 2))
               AS service_level_percent
      FROM (
        SELECT day, org_id, kind, user_id, name, location_name, threshold_seconds,
               COUNT(*) AS offered_parties,
               SUM(CASE WHEN outcome = N'answered' THEN 1 ELSE 0 END) AS answered_parties,
               SUM(CASE WHEN outcome = N'answered' AND wait_ms <= threshold_seconds * 1000 THEN 1 ELSE 0 END)
                 AS answered_within_parties,
               SUM(CASE WHEN outcome = N'abandoned' THEN 1 ELSE 0 END) AS abandoned_parties,
               SUM(CASE WHEN outcome = N'abandoned' AND wait_ms <= threshold_seconds * 1000 THEN 1 ELSE 0 END)
                 AS abandoned_within_parties
        FROM (
          SELECT c.day, c.org_id, p.kind, p.user_id, p.name, p.location_name, p.outcome,
                 DATEDIFF_BIG(millisecond, p.presented_utc, COALESCE(p.answered_utc, p.left_utc, p.presented_utc)) AS wait_ms
          FROM (
            SELECT d.day, MAX(c.org_id) AS org_id, c.start_utc, c.journey_id
            FROM dbo.cdr_days AS d
            JOIN dbo.cdr_calls AS c ON c.start_utc >= d.earliest_utc AND c.start_utc < d.latest_utc
              AND c.start_local >= d.begins AND c.start_local < d.ends
            GROUP BY d.day, c.start_utc, c.journey_id
          ) AS c
          JOIN dbo.cdr_call_parties AS p ON p.call_start_utc = c.start_utc AND p.journey_id = c.journey_id
          WHERE p.kind IN (N'queue', N'hunt_group')
        ) AS party
        CROSS JOIN (
          SELECT 10 AS threshold_seconds UNION ALL SELECT 20 UNION ALL SELECT 30 UNION ALL SELECT 60 UNION ALL SELECT 120
        ) AS threshold
        GROUP BY day, org_id, kind, user_id, name, location_name, threshold_seconds
      ) AS counted;
    `)
    await queryRunner.query(`
      CREATE VIEW dbo.cdr_agents_by_day AS
      SELECT c.day, c.org_id, p.sent_by AS queue_name, p.user_id, p.name, p.location_name,
             COUNT(*) AS presented_parties,
             SUM(CASE WHEN p.outcome = N'answered' THEN 1 ELSE 0 END) AS answered_parties,
             SUM(CASE WHEN p.outcome = N'no_answer' OR p.outcome IN (N'busy', N'refused') AND p.ring_seconds > 0
                      THEN 1 ELSE 0 END) AS bounced_parties,
             SUM(CASE WHEN p.outcome = N'elsewhere' THEN 1 ELSE 0 END) AS elsewhere_parties,
             SUM(CASE WHEN p.outcome = N'unreachable' THEN 1 ELSE 0 END) AS unreachable_parties,
             CAST(SUM(CAST(p.ring_seconds AS bigint)) / 60.0 AS decimal(18, 2)) AS ring_minutes,
             CAST(SUM(CAST(p.talk_seconds AS bigint)) / 60.0 AS decimal(18, 2)) AS talk_minutes,
             CAST(SUM(CAST(p.hold_seconds AS bigint)) / 60.0 AS decimal(18, 2)) AS hold_minutes
      FROM (
        SELECT d.day, MAX(c.org_id) AS org_id, c.start_utc, c.journey_id
        FROM dbo.cdr_days AS d
        JOIN dbo.cdr_calls AS c ON c.start_utc >= d.earliest_utc AND c.start_utc < d.latest_utc
          AND c.start_local >= d.begins AND c.start_local < d.ends
        GROUP BY d.day, c.start_utc, c.journey_id
      ) AS c
      JOIN dbo.cdr_call_parties AS p ON p.call_start_utc = c.start_utc AND p.journey_id = c.journey_id
      WHERE p.kind IN (N'user', N'place', N'virtual_line') AND p.sent_by_kind IN (N'queue', N'hunt_group')
      GROUP BY c.day, c.org_id, p.sent_by, p.user_id, p.name, p.location_name;
    `)
    await queryRunner.query(`
      CREATE VIEW dbo.cdr_pstn_minutes AS
      -- Inbound: a call from outside, once, however many parties it was put to. Toll-free numbers may be called from inside, too.
      SELECT d.day, c.org_id, c.location_name, N'inbound' AS direction, c.call_type, c.country, c.pstn_vendor_name,
             COUNT(*) AS answered_legs,
             CAST(SUM(CAST(c.talk_seconds AS bigint)) / 60.0 AS decimal(18, 2)) AS minutes
      FROM dbo.cdr_days AS d
      CROSS APPLY (
        SELECT TOP (9223372036854775807)
               c.org_id, c.location_name, c.call_type, c.country, c.pstn_vendor_name, c.talk_seconds
        FROM dbo.cdr_calls AS c
        WHERE c.start_utc >= d.earliest_utc AND c.start_utc < d.latest_utc
          AND c.start_local >= d.begins AND c.start_local < d.ends
          AND c.outcome = N'answered'
          AND (c.call_class = N'inbound' OR c.call_class = N'toll_free' AND NOT EXISTS (
            SELECT 1 FROM dbo.cdr_call_parties AS p
            WHERE p.call_start_utc = c.start_utc AND p.journey_id = c.journey_id
              AND p.kind = N'outside' AND p.call_type = N'SIP_TOLLFREE'
          ))
      ) AS c
      GROUP BY d.day, c.org_id, c.location_name, c.call_type, c.country, c.pstn_vendor_name
      UNION ALL
      -- Outbound: each leg to outside, of a call or of what was forwarded or transferred there.
      SELECT d.day, c.org_id, c.location_name, N'outbound', p.call_type, p.country, p.pstn_vendor_name,
             COUNT(*),
             CAST(SUM(CAST(p.talk_seconds AS bigint)) / 60.0 AS decimal(18, 2))
      FROM dbo.cdr_days AS d
      CROSS APPLY (
        SELECT TOP (9223372036854775807)
               p.call_start_utc, p.journey_id, p.call_type, p.country, p.pstn_vendor_name, p.talk_seconds
        FROM dbo.cdr_call_parties AS p
        WHERE p.call_start_utc >= d.earliest_utc AND p.call_start_utc < d.latest_utc
          AND p.kind = N'outside' AND p.outcome = N'answered'
          AND p.call_type NOT IN (N'SIP_INBOUND', N'SIP_ENTERPRISE', N'SIP_MEETING', N'SIP_URI', N'ZTN', N'UNKNOWN')
      ) AS p
      JOIN dbo.cdr_calls AS c ON c.start_utc = p.call_start_utc AND c.journey_id = p.journey_id
        AND c.start_local >= d.begins AND c.start_local < d.ends
      GROUP BY d.day, c.org_id, c.location_name, p.call_type, p.country, p.pstn_vendor_name;
    `)
    await queryRunner.query(`
      CREATE VIEW dbo.cdr_trunk_hours AS
      -- What has a trunk is cut at full hours, and each hour is counted by itself. An inbound trunk is held until the call ends.
      -- A call is looked at on the day when it begins and the two after. Where one ends as another begins, the trunk has one.
      SELECT day_utc, hour, org_id, trunk,
             SUM(CASE WHEN delta = 1 THEN 1 ELSE 0 END) AS parties,
             MAX(concurrent) AS peak_concurrent_parties,
             CAST((SUM(held_ms) + 1800) / 3600 / 1000.0 AS decimal(18, 3)) AS erlangs
      FROM (
        SELECT day_utc, hour, org_id, trunk, delta,
               CASE WHEN delta = 1 THEN DATEDIFF_BIG(millisecond, from_utc, to_utc) ELSE 0 END AS held_ms,
               SUM(delta) OVER (
                 PARTITION BY day_utc, hour, org_id, trunk
                 ORDER BY CASE WHEN delta = 1 THEN from_utc ELSE to_utc END, delta
                 ROWS UNBOUNDED PRECEDING
               ) AS concurrent
        FROM (
          SELECT day_utc, h.hour, org_id, trunk,
                 CASE WHEN h.hour = first_hour AND start_utc >= begins THEN start_utc
                      ELSE DATEADD(hour, h.hour, begins) END AS from_utc,
                 CASE WHEN h.hour = last_hour AND end_utc < ends THEN end_utc
                      ELSE DATEADD(hour, h.hour + 1, begins) END AS to_utc
          FROM (
            -- DISTINCT, so that a leg is worked out once and not for each hour.
            SELECT DISTINCT day_utc, begins, ends, org_id, trunk, journey_id, position, start_utc, end_utc,
                   CASE WHEN start_utc < begins THEN 0 ELSE DATEPART(hour, start_utc) END AS first_hour,
                   CASE WHEN end_utc >= ends THEN 23 ELSE DATEPART(hour, end_utc) END AS last_hour
            FROM (
              SELECT d.day AS day_utc, d.begins, d.ends, c.org_id, p.trunk, p.journey_id, p.position,
                     p.presented_utc AS start_utc,
                     CASE WHEN p.kind = N'outside' THEN p.left_utc ELSE c.end_utc END AS end_utc
              FROM dbo.cdr_days AS d
              CROSS APPLY (
                SELECT TOP (9223372036854775807)
                       p.trunk, p.kind, p.call_start_utc, p.journey_id, p.position, p.presented_utc, p.left_utc
                FROM dbo.cdr_call_parties AS p
                WHERE p.call_start_utc >= DATEADD(day, -2, d.begins) AND p.call_start_utc < d.ends
                  AND p.trunk IS NOT NULL
              ) AS p
              JOIN dbo.cdr_calls AS c ON c.start_utc = p.call_start_utc AND c.journey_id = p.journey_id
            ) AS held
            WHERE start_utc < ends AND end_utc > begins AND end_utc > start_utc
          ) AS cut
          JOIN (VALUES (0), (1), (2), (3), (4), (5), (6), (7), (8), (9), (10), (11),
                  (12), (13), (14), (15), (16), (17), (18), (19), (20), (21), (22), (23)) AS h (hour)
            ON h.hour >= first_hour AND h.hour <= last_hour
        ) AS slices
        CROSS JOIN (SELECT 1 AS delta UNION ALL SELECT -1) AS steps
        WHERE to_utc > from_utc
      ) AS counted
      GROUP BY day_utc, hour, org_id, trunk;
    `)
    await queryRunner.query(`
      CREATE VIEW dbo.cdr_failures AS
      SELECT d.day, c.org_id, c.location_name, c.call_class, c.outcome, c.outcome_reason,
             COUNT(*) AS calls
      FROM dbo.cdr_days AS d
      CROSS APPLY (
        SELECT TOP (9223372036854775807)
               c.org_id, c.location_name, c.call_class, c.outcome, c.outcome_reason
        FROM dbo.cdr_calls AS c
        WHERE c.start_utc >= d.earliest_utc AND c.start_utc < d.latest_utc
          AND c.start_local >= d.begins AND c.start_local < d.ends
          AND c.outcome NOT IN (N'answered', N'voicemail', N'abandoned')
      ) AS c
      GROUP BY d.day, c.org_id, c.location_name, c.call_class, c.outcome, c.outcome_reason;
    `)
    await queryRunner.query(`
      CREATE VIEW dbo.cdr_attendant_keys AS
      SELECT c.day, c.org_id, p.user_id, p.name, p.location_name, p.key_pressed,
             COUNT(*) AS parties,
             SUM(CASE WHEN p.outcome = N'passed_on' THEN 1 ELSE 0 END) AS passed_on_parties,
             SUM(CASE WHEN p.outcome = N'abandoned' THEN 1 ELSE 0 END) AS abandoned_parties
      FROM (
        SELECT d.day, MAX(c.org_id) AS org_id, c.start_utc, c.journey_id
        FROM dbo.cdr_days AS d
        JOIN dbo.cdr_calls AS c ON c.start_utc >= d.earliest_utc AND c.start_utc < d.latest_utc
          AND c.start_local >= d.begins AND c.start_local < d.ends
        GROUP BY d.day, c.start_utc, c.journey_id
      ) AS c
      JOIN dbo.cdr_call_parties AS p ON p.call_start_utc = c.start_utc AND p.journey_id = c.journey_id
      WHERE p.kind = N'attendant'
      GROUP BY c.day, c.org_id, p.user_id, p.name, p.location_name, p.key_pressed;
    `)
    await queryRunner.query(`
      CREATE VIEW dbo.cdr_completeness AS
      WITH asked AS (
        SELECT scope, start_utc, COALESCE(end_utc, SYSUTCDATETIME()) AS end_utc
        FROM dbo.cdr_coverage
        WHERE source = N'asked'
      ),
      asked_hours AS (
        SELECT DISTINCT a.scope, d.day AS day_utc, h.hour,
               DATEADD(hour, h.hour, d.begins) AS from_utc, DATEADD(hour, h.hour + 1, d.begins) AS to_utc
        FROM dbo.cdr_days AS d
        JOIN asked AS a ON a.start_utc < d.ends AND a.end_utc > d.begins
        JOIN (VALUES (0), (1), (2), (3), (4), (5), (6), (7), (8), (9), (10), (11),
                (12), (13), (14), (15), (16), (17), (18), (19), (20), (21), (22), (23)) AS h (hour)
          ON a.start_utc < DATEADD(hour, h.hour + 1, d.begins) AND a.end_utc > DATEADD(hour, h.hour, d.begins)
        WHERE a.end_utc > a.start_utc
      ),
      complete AS (
        SELECT scope, MAX(complete_until_utc) AS until_utc
        FROM dbo.cdr_sync_state
        WHERE id IN (SELECT MAX(id) FROM dbo.cdr_sync_state WHERE complete_until_utc IS NOT NULL GROUP BY source, scope)
        GROUP BY scope
      )
      SELECT h.day_utc, h.hour, h.scope,
             CASE
               WHEN EXISTS (
                 SELECT 1 FROM dbo.cdr_sync_errors AS e
                 WHERE e.error_type = N'Gap' AND e.recovered = 0 AND e.scope = h.scope
                   AND e.range_start_utc < h.to_utc AND e.range_end_utc > h.from_utc
               ) THEN N'gap'
               WHEN EXISTS (
                 SELECT 1 FROM dbo.cdr_coverage AS v
                 WHERE v.source = N'accepted' AND v.scope = h.scope
                   AND v.start_utc < h.to_utc AND v.end_utc > h.from_utc AND v.end_utc > v.start_utc
               ) THEN N'accepted'
               WHEN c.until_utc >= h.to_utc THEN N'complete'
               ELSE N'pending'
             END AS state
      FROM asked_hours AS h
      LEFT JOIN complete AS c ON c.scope = h.scope;
    `)
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      DROP VIEW dbo.cdr_completeness;
      DROP VIEW dbo.cdr_attendant_keys;
      DROP VIEW dbo.cdr_failures;
      DROP VIEW dbo.cdr_trunk_hours;
      DROP VIEW dbo.cdr_pstn_minutes;
      DROP VIEW dbo.cdr_agents_by_day;
      DROP VIEW dbo.cdr_service_levels;
      DROP VIEW dbo.cdr_queues_by_day;
      DROP VIEW dbo.cdr_callers_by_day;
      DROP VIEW dbo.cdr_users_by_day;
      DROP VIEW dbo.cdr_calls_by_hour;
      DROP VIEW dbo.cdr_calls_by_day;
      DROP VIEW dbo.cdr_days;
    `)
  }
}
