import { createHash } from 'node:crypto'
import type { MigrationInterface, QueryRunner } from 'typeorm'

/**
 * Fills report_id and all other columns from raw_json. The Python tool left columns NULL whose keys it
 * misspelt, put names where e-mail addresses and identifiers belong, and had no column for half of the
 * fields. What it stored rightly stays; a row whose raw_json cannot be read keeps what it has.
 *
 * It may be stopped at any moment and run again: rows without report_id are those to do, and each batch
 * commits by itself.
 */
export class FillFromRawJson1795392000003 implements MigrationInterface {
  transaction = false
  /** It decides from what it reads: its checksum is over these. */
  statements = [FIRST, NEXT, WITHOUT_REPORT_ID, FILL, KEEP, COLLAPSE]

  async up(queryRunner: QueryRunner): Promise<void> {
    let [{ after }] = await queryRunner.query(FIRST)
    while (after !== null) {
      const [{ upto }] = await queryRunner.query(NEXT, [after])
      const rows: Unidentified[] = await queryRunner.query(WITHOUT_REPORT_ID, [after, upto])
      const keys = Object.fromEntries(rows.map(({ id, identity }) => [id, derivedKey(identity)]))
      await queryRunner.query(FILL, [after, upto, JSON.stringify(keys)])
      after = upto
    }
    await queryRunner.query(KEEP)
    await queryRunner.query(COLLAPSE)
  }

  async down(): Promise<void> {
    throw new Error('FillFromRawJson is irreversible: the values that it replaced are not kept')
  }
}

interface Unidentified {
  id: number
  identity: string
}

/** The UUID that T-SQL derives too: SHA-256 over UTF-16LE, in the form of version 8 of RFC 9562. */
function derivedKey(identity: string): string {
  const hex = createHash('sha256').update(identity, 'utf16le').digest('hex')
  const third = `8${hex.slice(13, 16)}`
  const fourth = `a${hex.slice(17, 20)}`
  return [hex.slice(0, 8), hex.slice(8, 12), third, fourth, hex.slice(20, 32)].join('-')
}

const FIRST = `
  SELECT MIN(id) - 1 AS after FROM cdr_records WHERE report_id IS NULL
`

const NEXT = `
  SELECT MAX(id) AS upto FROM (SELECT id FROM cdr_records WHERE id > ? ORDER BY id LIMIT 2000)
`

const WITHOUT_REPORT_ID = `
  WITH
    j AS (
      SELECT *, CASE WHEN json_valid(raw_json) THEN raw_json END AS doc
      FROM cdr_records
      WHERE id > ? AND id <= ? AND report_id IS NULL
    ),
    k AS (
      SELECT
        id,
        trim(doc ->> 'Report ID') AS report_id,
        COALESCE(doc ->> 'Correlation ID', '')  || char(31) ||
        COALESCE(doc ->> 'Local call ID', '')   || char(31) ||
        COALESCE(doc ->> 'Network call ID', '') || char(31) ||
        COALESCE(doc ->> 'Direction', '')       || char(31) ||
        COALESCE(doc ->> 'User UUID', '')       || char(31) ||
        COALESCE(doc ->> 'Start time', '')      || char(31) ||
        COALESCE(doc ->> 'Call ID', '')         AS item,
        COALESCE(correlation_id, '') || char(31) || char(31) || char(31) ||
        COALESCE(direction, '') || char(31) ||
        COALESCE(user_id, '') || char(31) ||
        strftime('%Y-%m-%dT%H:%M:%fZ', start_time) || char(31) ||
        call_id AS own
      FROM j
    )
  SELECT id, CASE WHEN length(item) > 6 THEN item ELSE own END AS identity
  FROM k
  WHERE report_id IS NULL
     OR report_id NOT LIKE '________-____-____-____-____________'
     OR report_id GLOB '*[^0-9a-fA-F-]*'
     OR length(replace(report_id, '-', '')) <> 32
     OR report_id = '00000000-0000-0000-0000-000000000000'
`

// j.doc: raw_json where it is JSON.  v: its values, cut to their columns.  t: those that are no text.
const FILL = `
  WITH
    j AS (
      SELECT id, CASE WHEN json_valid(raw_json) THEN raw_json END AS doc
      FROM cdr_records
      WHERE id > ? AND id <= ? AND report_id IS NULL
    ),
    v AS (
      SELECT
        id,
        lower(trim(doc ->> 'Report ID')) AS report_id,
        doc ->> 'Answer time' AS answer_time,
        doc ->> 'Answered' AS answered,
        substr(doc ->> 'Direction', 1, 50) AS direction,
        substr(doc ->> 'Called line ID', 1, 256) AS called_line_id,
        substr(doc ->> 'Calling line ID', 1, 256) AS calling_line_id,
        substr(doc ->> 'Call type', 1, 64) AS call_type,
        substr(doc ->> 'Client type', 1, 64) AS client_type,
        substr(doc ->> 'Client version', 1, 128) AS client_version,
        substr(doc ->> 'Correlation ID', 1, 150) AS correlation_id,
        substr(COALESCE(doc ->> 'International country', doc ->> 'International Country'), 1, 100)
        AS international_country,
        substr(COALESCE(doc ->> 'Device MAC', doc ->> 'Device Mac'), 1, 50) AS device_mac,
        doc ->> 'Duration' AS duration,
        substr(doc ->> 'Inbound trunk', 1, 256) AS inbound_trunk,
        substr(doc ->> 'Org UUID', 1, 150) AS org_id,
        substr(doc ->> 'Original reason', 1, 64) AS original_reason,
        substr(doc ->> 'OS type', 1, 64) AS os_type,
        substr(doc ->> 'Outbound trunk', 1, 256) AS outbound_trunk,
        substr(doc ->> 'Redirect reason', 1, 100) AS redirect_reason,
        substr(doc ->> 'Related reason', 1, 64) AS related_reason,
        doc ->> 'Report time' AS report_time,
        substr(doc ->> 'Route group', 1, 256) AS route_group,
        substr(doc ->> 'Site main number', 1, 64) AS site_main_number,
        substr(doc ->> 'Site timezone', 1, 64) AS site_timezone,
        substr(doc ->> 'Sub client type', 1, 64) AS sub_client_type,
        substr(doc ->> 'User UUID', 1, 150) AS user_id,
        substr(doc ->> 'User type', 1, 64) AS user_type,
        substr(doc ->> 'User', 1, 256) AS user_name,
        substr(doc ->> 'Called number', 1, 64) AS called_number,
        substr(doc ->> 'Calling number', 1, 64) AS calling_number,
        substr(doc ->> 'Location', 1, 256) AS location_name,
        substr(doc ->> 'Dialed digits', 1, 128) AS dialed_digits,
        substr(doc ->> 'Releasing party', 1, 64) AS releasing_party,
        substr(doc ->> 'Redirecting number', 1, 64) AS redirecting_number,
        substr(doc ->> 'Site UUID', 1, 150) AS site_uuid,
        substr(doc ->> 'Department ID', 1, 150) AS department_id,
        substr(doc ->> 'Transfer related call ID', 1, 150) AS transfer_related_call_id,
        substr(doc ->> 'Authorization code', 1, 64) AS authorization_code,
        substr(doc ->> 'Model', 1, 128) AS model,
        substr(doc ->> 'Local SessionID', 1, 150) AS local_session_id,
        substr(doc ->> 'Remote SessionID', 1, 150) AS remote_session_id,
        COALESCE(doc ->> 'Call transfer time', doc ->> 'Call transfer Time') AS call_transfer_time,
        substr(doc ->> 'Local call ID', 1, 64) AS local_call_id,
        substr(doc ->> 'Remote call ID', 1, 64) AS remote_call_id,
        substr(doc ->> 'Network call ID', 1, 256) AS network_call_id,
        substr(doc ->> 'Related call ID', 1, 64) AS related_call_id,
        substr(doc ->> 'User number', 1, 64) AS user_number,
        substr(doc ->> 'Call outcome', 1, 64) AS call_outcome,
        substr(doc ->> 'Call outcome reason', 1, 128) AS call_outcome_reason,
        doc ->> 'Ring duration' AS ring_duration,
        substr(COALESCE(doc ->> 'Answer indicator', doc ->> 'Answer Indicator'), 1, 50) AS answer_indicator,
        doc ->> 'Release time' AS release_time,
        substr(COALESCE(doc ->> 'Final local SessionID', doc ->> 'Final local sessionID'), 1, 150)
        AS final_local_session_id,
        substr(COALESCE(doc ->> 'Final remote SessionID', doc ->> 'Final remote sessionID'), 1, 150)
        AS final_remote_session_id,
        substr(COALESCE(doc ->> 'PSTN legal entity', doc ->> 'PSTN Legal Entity'), 1, 256)
        AS pstn_legal_entity,
        lower(trim(COALESCE(doc ->> 'PSTN vendor org ID',
                          doc ->> 'PSTN Vendor Org ID',
                          doc ->> 'PSTN vendor Org ID'))) AS pstn_vendor_org_id,
        substr(COALESCE(doc ->> 'PSTN vendor name', doc ->> 'PSTN Vendor Name'), 1, 256) AS pstn_vendor_name,
        lower(trim(COALESCE(doc ->> 'PSTN provider ID', doc ->> 'PSTN Provider ID'))) AS pstn_provider_id,
        substr(doc ->> 'External customer ID', 1, 128) AS external_customer_id,
        substr(doc ->> 'Redirecting party UUID', 1, 50) AS redirecting_party_uuid,
        substr(doc ->> 'Public Calling IP Address', 1, 64) AS public_calling_ip_address,
        substr(doc ->> 'Public Called IP Address', 1, 64) AS public_called_ip_address,
        substr(doc ->> 'Caller ID number', 1, 64) AS caller_id_number,
        substr(doc ->> 'External caller ID number', 1, 64) AS external_caller_id_number,
        substr(doc ->> 'Device owner UUID', 1, 50) AS device_owner_uuid,
        substr(doc ->> 'Call Recording Platform Name', 1, 64) AS call_recording_platform_name,
        substr(doc ->> 'Call Recording Result', 1, 64) AS call_recording_result,
        substr(doc ->> 'Call Recording Trigger', 1, 64) AS call_recording_trigger,
        substr(COALESCE(doc ->> 'Original called party UUID', doc ->> 'Original Called Party UUID'), 1, 50)
        AS original_called_party_uuid,
        substr(COALESCE(doc ->> 'Recall type', doc ->> 'Recall Type'), 1, 64) AS recall_type,
        substr(doc ->> 'Auto Attendant Key Pressed', 1, 64) AS auto_attendant_key_pressed,
        substr(COALESCE(doc ->> 'Queue type', doc ->> 'Queue Type'), 1, 64) AS queue_type,
        substr(COALESCE(doc ->> 'Answered elsewhere', doc ->> 'Answered Elsewhere'), 1, 64)
        AS answered_elsewhere,
        COALESCE(doc ->> 'Hold duration', doc ->> 'Hold Duration') AS hold_duration,
        substr(doc ->> 'Route list calls overage', 1, 64) AS route_list_calls_overage,
        substr(doc ->> 'Caller Reputation Score', 1, 64) AS caller_reputation_score,
        substr(doc ->> 'Caller Reputation Service Result', 1, 64) AS caller_reputation_service_result,
        substr(doc ->> 'Caller Reputation Score Reason', 1, 512) AS caller_reputation_score_reason,
        lower(trim(doc ->> 'Interaction ID')) AS interaction_id,
        substr(doc ->> 'WxCC consult merge status', 1, 64) AS wxcc_consult_merge_status,
        substr(doc ->> 'ELIN', 1, 64) AS elin,
        substr(doc ->> 'Emergency number source', 1, 64) AS emergency_number_source,
        substr(doc ->> 'Transfer type', 1, 128) AS transfer_type,
        substr(doc ->> 'Transfer type context', 1, 1024) AS transfer_type_context,
        substr(doc ->> 'Answer reason', 1, 64) AS answer_reason
      FROM j
    ),
    t AS (
      SELECT
        id,
        CASE WHEN substr(v.answer_time, 11, 1) IN ('T', ' ')
        THEN strftime('%Y-%m-%d %H:%M:%f', v.answer_time) END AS answer_time,
        CASE WHEN v.duration GLOB '[0-9]*' AND v.duration NOT GLOB '*[^0-9]*' 
          AND length(v.duration) < 10 THEN CAST(v.duration AS integer) END AS duration,
        CASE WHEN substr(v.report_time, 11, 1) IN ('T', ' ')
        THEN strftime('%Y-%m-%d %H:%M:%f', v.report_time) END AS report_time,
        CASE WHEN substr(v.call_transfer_time, 11, 1) IN ('T', ' ')
        THEN strftime('%Y-%m-%d %H:%M:%f', v.call_transfer_time) END AS call_transfer_time,
        CASE WHEN v.ring_duration GLOB '[0-9]*' AND v.ring_duration NOT GLOB '*[^0-9]*' 
          AND length(v.ring_duration) < 10 THEN CAST(v.ring_duration AS integer) END AS ring_duration,
        CASE WHEN substr(v.release_time, 11, 1) IN ('T', ' ')
        THEN strftime('%Y-%m-%d %H:%M:%f', v.release_time) END AS release_time,
        CASE WHEN v.hold_duration GLOB '[0-9]*' AND v.hold_duration NOT GLOB '*[^0-9]*' 
          AND length(v.hold_duration) < 10 THEN CAST(v.hold_duration AS integer) END AS hold_duration,
        CASE WHEN v.interaction_id LIKE '________-____-____-____-____________'
          AND v.interaction_id NOT GLOB '*[^0-9a-f-]*' AND length(replace(v.interaction_id, '-', '')) = 32
          AND v.interaction_id <> '00000000-0000-0000-0000-000000000000' THEN v.interaction_id END AS interaction_id,
        CASE WHEN v.pstn_vendor_org_id LIKE '________-____-____-____-____________'
          AND v.pstn_vendor_org_id NOT GLOB '*[^0-9a-f-]*' AND length(replace(v.pstn_vendor_org_id, '-', '')) = 32
          AND v.pstn_vendor_org_id <> '00000000-0000-0000-0000-000000000000' THEN v.pstn_vendor_org_id END AS pstn_vendor_org_id,
        CASE WHEN v.pstn_provider_id LIKE '________-____-____-____-____________'
          AND v.pstn_provider_id NOT GLOB '*[^0-9a-f-]*' AND length(replace(v.pstn_provider_id, '-', '')) = 32
          AND v.pstn_provider_id <> '00000000-0000-0000-0000-000000000000' THEN v.pstn_provider_id END AS pstn_provider_id
      FROM v
    )
  UPDATE cdr_records AS r SET
      report_id = COALESCE(? ->> CAST(r.id AS text), v.report_id),

      -- held something else
      user_email = CASE
        WHEN v.user_name IS NULL THEN NULLIF(r.user_email, '')
        WHEN v.user_name LIKE '_%@_%._%'
         AND v.user_name NOT LIKE '%@%@%' AND v.user_name NOT LIKE '%.'
         AND v.user_name NOT GLOB '*[ <>]*' AND length(v.user_name) <= 255 THEN v.user_name
      END,
      location_id = NULLIF(COALESCE(v.site_uuid, NULLIF(r.location_id, v.location_name)), ''),
      answered = CASE
        WHEN NULLIF(v.answered, '') IS NULL THEN r.answered
        WHEN lower(v.answered) IN ('true', '1') THEN 1
        WHEN lower(v.answered) IN ('false', '0') THEN 0
      END,

      -- the tool's other columns: NULL where it asked for a key that does not exist
      answer_time              = COALESCE(r.answer_time, t.answer_time),
      direction                = NULLIF(COALESCE(r.direction, v.direction), ''),
      called_line_id           = NULLIF(COALESCE(r.called_line_id, v.called_line_id), ''),
      calling_line_id          = NULLIF(COALESCE(r.calling_line_id, v.calling_line_id), ''),
      call_type                = NULLIF(COALESCE(r.call_type, v.call_type), ''),
      client_type              = NULLIF(COALESCE(r.client_type, v.client_type), ''),
      client_version           = NULLIF(COALESCE(r.client_version, v.client_version), ''),
      correlation_id           = NULLIF(COALESCE(r.correlation_id, v.correlation_id), ''),
      international_country    = NULLIF(COALESCE(r.international_country, v.international_country), ''),
      device_mac               = NULLIF(COALESCE(r.device_mac, v.device_mac), ''),
      duration                 = COALESCE(r.duration, t.duration),
      inbound_trunk            = NULLIF(COALESCE(r.inbound_trunk, v.inbound_trunk), ''),
      org_id                   = NULLIF(COALESCE(r.org_id, v.org_id), ''),
      outbound_trunk           = NULLIF(COALESCE(r.outbound_trunk, v.outbound_trunk), ''),
      redirect_reason          = NULLIF(COALESCE(r.redirect_reason, v.redirect_reason), ''),
      route_group              = NULLIF(COALESCE(r.route_group, v.route_group), ''),
      site_main_number         = NULLIF(COALESCE(r.site_main_number, v.site_main_number), ''),
      site_timezone            = NULLIF(COALESCE(r.site_timezone, v.site_timezone), ''),
      user_id                  = NULLIF(COALESCE(r.user_id, v.user_id), ''),
      user_type                = NULLIF(COALESCE(r.user_type, v.user_type), ''),
      called_number            = NULLIF(COALESCE(r.called_number, v.called_number), ''),
      calling_number           = NULLIF(COALESCE(r.calling_number, v.calling_number), ''),
      location_name            = NULLIF(COALESCE(r.location_name, v.location_name), ''),
      dialed_digits            = NULLIF(COALESCE(r.dialed_digits, v.dialed_digits), ''),
      redirecting_number       = NULLIF(COALESCE(r.redirecting_number, v.redirecting_number), ''),
      site_uuid                = NULLIF(COALESCE(r.site_uuid, v.site_uuid), ''),
      department_id            = NULLIF(COALESCE(r.department_id, v.department_id), ''),
      transfer_related_call_id = NULLIF(COALESCE(r.transfer_related_call_id, v.transfer_related_call_id), ''),
      authorization_code       = NULLIF(COALESCE(r.authorization_code, v.authorization_code), ''),
      model                    = NULLIF(COALESCE(r.model, v.model), ''),
      local_session_id         = NULLIF(COALESCE(r.local_session_id, v.local_session_id), ''),
      remote_session_id        = NULLIF(COALESCE(r.remote_session_id, v.remote_session_id), ''),
      call_transfer_time       = COALESCE(r.call_transfer_time, t.call_transfer_time),
      call_outcome             = NULLIF(COALESCE(r.call_outcome, v.call_outcome), ''),
      call_outcome_reason      = NULLIF(COALESCE(r.call_outcome_reason, v.call_outcome_reason), ''),
      answer_indicator         = NULLIF(COALESCE(r.answer_indicator, v.answer_indicator), ''),
      release_time             = COALESCE(r.release_time, t.release_time),
      final_local_session_id   = NULLIF(COALESCE(r.final_local_session_id, v.final_local_session_id), ''),
      final_remote_session_id  = NULLIF(COALESCE(r.final_remote_session_id, v.final_remote_session_id), ''),

      -- new
      original_reason                  = NULLIF(v.original_reason, ''),
      os_type                          = NULLIF(v.os_type, ''),
      related_reason                   = NULLIF(v.related_reason, ''),
      report_time                      = t.report_time,
      sub_client_type                  = NULLIF(v.sub_client_type, ''),
      user_name                        = NULLIF(v.user_name, ''),
      releasing_party                  = NULLIF(v.releasing_party, ''),
      local_call_id                    = NULLIF(v.local_call_id, ''),
      remote_call_id                   = NULLIF(v.remote_call_id, ''),
      network_call_id                  = NULLIF(v.network_call_id, ''),
      related_call_id                  = NULLIF(v.related_call_id, ''),
      user_number                      = NULLIF(v.user_number, ''),
      ring_duration                    = t.ring_duration,
      pstn_legal_entity                = NULLIF(v.pstn_legal_entity, ''),
      pstn_vendor_org_id               = t.pstn_vendor_org_id,
      pstn_vendor_name                 = NULLIF(v.pstn_vendor_name, ''),
      pstn_provider_id                 = t.pstn_provider_id,
      external_customer_id             = NULLIF(v.external_customer_id, ''),
      redirecting_party_uuid           = NULLIF(v.redirecting_party_uuid, ''),
      public_calling_ip_address        = NULLIF(v.public_calling_ip_address, ''),
      public_called_ip_address         = NULLIF(v.public_called_ip_address, ''),
      caller_id_number                 = NULLIF(v.caller_id_number, ''),
      external_caller_id_number        = NULLIF(v.external_caller_id_number, ''),
      device_owner_uuid                = NULLIF(v.device_owner_uuid, ''),
      call_recording_platform_name     = NULLIF(v.call_recording_platform_name, ''),
      call_recording_result            = NULLIF(v.call_recording_result, ''),
      call_recording_trigger           = NULLIF(v.call_recording_trigger, ''),
      original_called_party_uuid       = NULLIF(v.original_called_party_uuid, ''),
      recall_type                      = NULLIF(v.recall_type, ''),
      auto_attendant_key_pressed       = NULLIF(v.auto_attendant_key_pressed, ''),
      queue_type                       = NULLIF(v.queue_type, ''),
      answered_elsewhere               = NULLIF(v.answered_elsewhere, ''),
      hold_duration                    = t.hold_duration,
      route_list_calls_overage         = NULLIF(v.route_list_calls_overage, ''),
      caller_reputation_score          = NULLIF(v.caller_reputation_score, ''),
      caller_reputation_service_result = NULLIF(v.caller_reputation_service_result, ''),
      caller_reputation_score_reason   = NULLIF(v.caller_reputation_score_reason, ''),
      interaction_id                   = t.interaction_id,
      wxcc_consult_merge_status        = NULLIF(v.wxcc_consult_merge_status, ''),
      elin                             = NULLIF(v.elin, ''),
      emergency_number_source          = NULLIF(v.emergency_number_source, ''),
      transfer_type                    = NULLIF(v.transfer_type, ''),
      transfer_type_context            = NULLIF(v.transfer_type_context, ''),
      answer_reason                    = NULLIF(v.answer_reason, '')
  FROM v JOIN t ON t.id = v.id
  WHERE v.id = r.id
`

const SUPERSEDED = `
    SELECT id
    FROM (
      SELECT id, ROW_NUMBER() OVER (PARTITION BY report_id ORDER BY report_time DESC, id DESC) AS place
      FROM cdr_records
      WHERE report_id IS NOT NULL
    )
    WHERE place > 1
`

// Of rows that have one Report ID, the one with the newest report time stays. Those of another leg, which there should
// not be, are kept in quarantine, once however often this is begun again.
const KEEP = `
  WITH superseded AS (${SUPERSEDED})
  INSERT INTO cdr_sync_errors
    (error_type, error_message, recovered, record_key, payload, sightings, last_seen_utc)
  SELECT 'QuarantinedRecord',
    'Another leg has its Report ID, ' || r.report_id || ': cdr_records holds one of the two.',
    0, lower(hex(randomblob(4)) || '-' || hex(randomblob(2)) || '-4' || substr(hex(randomblob(2)), 2)
      || '-a' || substr(hex(randomblob(2)), 2) || '-' || hex(randomblob(6))),
    r.raw_json, 1, strftime('%Y-%m-%d %H:%M:%f', 'now')
  FROM superseded AS s
  JOIN cdr_records AS r ON r.id = s.id
  JOIN cdr_records AS kept ON kept.report_id = r.report_id AND kept.id NOT IN (SELECT id FROM superseded)
  WHERE NOT EXISTS (
      SELECT 1 FROM cdr_sync_errors AS e
      WHERE e.error_type = 'QuarantinedRecord' AND e.payload = r.raw_json)
    AND (
         (r.direction <> kept.direction AND UPPER(r.direction) NOT IN ('', 'NA', 'N/A')
             AND UPPER(kept.direction) NOT IN ('', 'NA', 'N/A'))
      OR (r.correlation_id <> kept.correlation_id AND UPPER(r.correlation_id) NOT IN ('', 'NA', 'N/A')
             AND UPPER(kept.correlation_id) NOT IN ('', 'NA', 'N/A'))
      OR (r.user_id <> kept.user_id AND UPPER(r.user_id) NOT IN ('', 'NA', 'N/A')
             AND UPPER(kept.user_id) NOT IN ('', 'NA', 'N/A'))
      OR (r.local_call_id <> kept.local_call_id AND UPPER(r.local_call_id) NOT IN ('', 'NA', 'N/A')
             AND UPPER(kept.local_call_id) NOT IN ('', 'NA', 'N/A')))
`

const COLLAPSE = `
  DELETE FROM cdr_records WHERE id IN (${SUPERSEDED})
`
