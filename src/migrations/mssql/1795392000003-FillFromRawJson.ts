import type { MigrationInterface, QueryRunner } from 'typeorm'

/**
 * Fills report_id and all other columns from raw_json. The Python tool left columns NULL whose keys it
 * misspelt, put names where e-mail addresses and identifiers belong, and had no column for half of the
 * fields. What it stored rightly stays; a row whose raw_json cannot be read keeps what it has.
 *
 * It may be stopped at any moment and run again: rows without report_id are those to do, and each batch
 * commits by itself, small enough not to lock the table.
 */
export class FillFromRawJson1795392000003 implements MigrationInterface {
  transaction = false

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(FILL)
    await queryRunner.query(COLLAPSE)
  }

  async down(): Promise<void> {
    throw new Error('FillFromRawJson is irreversible: the values that it replaced are not kept')
  }
}

// j.doc: raw_json where it is JSON.  v: its values, cut to their columns.  t: those that are no text.
// k: the two texts that a key can be derived from.  h: the SHA-256 of the one that is used.
const FILL = `
  SET NOCOUNT ON;
  DECLARE @after bigint, @upto bigint, @filled bigint = 0, @progress nvarchar(200);

  SELECT @after = MIN(id) - 1 FROM dbo.cdr_records WHERE report_id IS NULL;

  WHILE @after IS NOT NULL
  BEGIN
    SELECT @upto = MAX(id)
    FROM (SELECT TOP (2000) id FROM dbo.cdr_records WHERE id > @after ORDER BY id) AS batch;

    UPDATE r SET
      report_id = ISNULL(
        CASE WHEN LEN(v.report_id) = 36 AND v.report_id <> N'00000000-0000-0000-0000-000000000000'
             THEN TRY_CONVERT(uniqueidentifier, v.report_id) END,
        CONVERT(uniqueidentifier, CONCAT(
          FORMAT(CONVERT(bigint, SUBSTRING(h.hash, 1, 4)), 'x8'), '-',
          FORMAT(CONVERT(int, SUBSTRING(h.hash, 5, 2)), 'x4'), '-8',
          RIGHT(FORMAT(CONVERT(int, SUBSTRING(h.hash, 7, 2)), 'x4'), 3), '-a',
          RIGHT(FORMAT(CONVERT(int, SUBSTRING(h.hash, 9, 2)), 'x4'), 3), '-',
          FORMAT(CONVERT(bigint, SUBSTRING(h.hash, 11, 6)), 'x12')))),

      -- held something else
      user_email = CASE
        WHEN v.user_name IS NULL THEN NULLIF(r.user_email, N'')
        WHEN v.user_name LIKE N'_%@_%._%'
         AND v.user_name NOT LIKE N'%@%@%' AND v.user_name NOT LIKE N'%.'
         AND v.user_name NOT LIKE N'%[ <>]%' AND LEN(v.user_name) <= 255 THEN v.user_name
      END,
      location_id = NULLIF(COALESCE(v.site_uuid, r.location_id), N''),
      answered = CASE WHEN NULLIF(v.answered, N'') IS NULL THEN r.answered ELSE t.answered END,

      -- the tool's other columns: NULL where it asked for a key that does not exist
      answer_time              = COALESCE(r.answer_time, t.answer_time),
      direction                = NULLIF(COALESCE(r.direction, v.direction), N''),
      called_line_id           = NULLIF(COALESCE(r.called_line_id, v.called_line_id), N''),
      calling_line_id          = NULLIF(COALESCE(r.calling_line_id, v.calling_line_id), N''),
      call_type                = NULLIF(COALESCE(r.call_type, v.call_type), N''),
      client_type              = NULLIF(COALESCE(r.client_type, v.client_type), N''),
      client_version           = NULLIF(COALESCE(r.client_version, v.client_version), N''),
      correlation_id           = NULLIF(COALESCE(r.correlation_id, v.correlation_id), N''),
      international_country    = NULLIF(COALESCE(r.international_country, v.international_country), N''),
      device_mac               = NULLIF(COALESCE(r.device_mac, v.device_mac), N''),
      duration                 = COALESCE(r.duration, t.duration),
      inbound_trunk            = NULLIF(COALESCE(r.inbound_trunk, v.inbound_trunk), N''),
      org_id                   = NULLIF(COALESCE(r.org_id, v.org_id), N''),
      outbound_trunk           = NULLIF(COALESCE(r.outbound_trunk, v.outbound_trunk), N''),
      redirect_reason          = NULLIF(COALESCE(r.redirect_reason, v.redirect_reason), N''),
      route_group              = NULLIF(COALESCE(r.route_group, v.route_group), N''),
      site_main_number         = NULLIF(COALESCE(r.site_main_number, v.site_main_number), N''),
      site_timezone            = NULLIF(COALESCE(r.site_timezone, v.site_timezone), N''),
      user_id                  = NULLIF(COALESCE(r.user_id, v.user_id), N''),
      user_type                = NULLIF(COALESCE(r.user_type, v.user_type), N''),
      called_number            = NULLIF(COALESCE(r.called_number, v.called_number), N''),
      calling_number           = NULLIF(COALESCE(r.calling_number, v.calling_number), N''),
      location_name            = NULLIF(COALESCE(r.location_name, v.location_name), N''),
      dialed_digits            = NULLIF(COALESCE(r.dialed_digits, v.dialed_digits), N''),
      redirecting_number       = NULLIF(COALESCE(r.redirecting_number, v.redirecting_number), N''),
      site_uuid                = NULLIF(COALESCE(r.site_uuid, v.site_uuid), N''),
      department_id            = NULLIF(COALESCE(r.department_id, v.department_id), N''),
      transfer_related_call_id = NULLIF(
        COALESCE(r.transfer_related_call_id, v.transfer_related_call_id), N''),
      authorization_code       = NULLIF(COALESCE(r.authorization_code, v.authorization_code), N''),
      model                    = NULLIF(COALESCE(r.model, v.model), N''),
      local_session_id         = NULLIF(COALESCE(r.local_session_id, v.local_session_id), N''),
      remote_session_id        = NULLIF(COALESCE(r.remote_session_id, v.remote_session_id), N''),
      call_transfer_time       = COALESCE(r.call_transfer_time, t.call_transfer_time),
      call_outcome             = NULLIF(COALESCE(r.call_outcome, v.call_outcome), N''),
      call_outcome_reason      = NULLIF(COALESCE(r.call_outcome_reason, v.call_outcome_reason), N''),
      answer_indicator         = NULLIF(COALESCE(r.answer_indicator, v.answer_indicator), N''),
      release_time             = COALESCE(r.release_time, t.release_time),
      final_local_session_id   = NULLIF(COALESCE(r.final_local_session_id, v.final_local_session_id), N''),
      final_remote_session_id  = NULLIF(COALESCE(r.final_remote_session_id, v.final_remote_session_id), N''),

      -- new
      original_reason                  = NULLIF(v.original_reason, N''),
      os_type                          = NULLIF(v.os_type, N''),
      related_reason                   = NULLIF(v.related_reason, N''),
      report_time                      = t.report_time,
      sub_client_type                  = NULLIF(v.sub_client_type, N''),
      user_name                        = NULLIF(v.user_name, N''),
      releasing_party                  = NULLIF(v.releasing_party, N''),
      local_call_id                    = NULLIF(v.local_call_id, N''),
      remote_call_id                   = NULLIF(v.remote_call_id, N''),
      network_call_id                  = NULLIF(v.network_call_id, N''),
      related_call_id                  = NULLIF(v.related_call_id, N''),
      user_number                      = NULLIF(v.user_number, N''),
      ring_duration                    = t.ring_duration,
      pstn_legal_entity                = NULLIF(v.pstn_legal_entity, N''),
      pstn_vendor_org_id               = NULLIF(v.pstn_vendor_org_id, N''),
      pstn_vendor_name                 = NULLIF(v.pstn_vendor_name, N''),
      pstn_provider_id                 = NULLIF(v.pstn_provider_id, N''),
      external_customer_id             = NULLIF(v.external_customer_id, N''),
      redirecting_party_uuid           = NULLIF(v.redirecting_party_uuid, N''),
      public_calling_ip_address        = NULLIF(v.public_calling_ip_address, N''),
      public_called_ip_address         = NULLIF(v.public_called_ip_address, N''),
      caller_id_number                 = NULLIF(v.caller_id_number, N''),
      external_caller_id_number        = NULLIF(v.external_caller_id_number, N''),
      device_owner_uuid                = NULLIF(v.device_owner_uuid, N''),
      call_recording_platform_name     = NULLIF(v.call_recording_platform_name, N''),
      call_recording_result            = NULLIF(v.call_recording_result, N''),
      call_recording_trigger           = NULLIF(v.call_recording_trigger, N''),
      original_called_party_uuid       = NULLIF(v.original_called_party_uuid, N''),
      recall_type                      = NULLIF(v.recall_type, N''),
      auto_attendant_key_pressed       = NULLIF(v.auto_attendant_key_pressed, N''),
      queue_type                       = NULLIF(v.queue_type, N''),
      answered_elsewhere               = NULLIF(v.answered_elsewhere, N''),
      hold_duration                    = t.hold_duration,
      route_list_calls_overage         = NULLIF(v.route_list_calls_overage, N''),
      caller_reputation_score          = NULLIF(v.caller_reputation_score, N''),
      caller_reputation_service_result = NULLIF(v.caller_reputation_service_result, N''),
      caller_reputation_score_reason   = NULLIF(v.caller_reputation_score_reason, N''),
      interaction_id                   = NULLIF(v.interaction_id, N''),
      wxcc_consult_merge_status        = NULLIF(v.wxcc_consult_merge_status, N''),
      elin                             = NULLIF(v.elin, N''),
      emergency_number_source          = NULLIF(v.emergency_number_source, N''),
      transfer_type                    = NULLIF(v.transfer_type, N''),
      transfer_type_context            = NULLIF(v.transfer_type_context, N''),
      answer_reason                    = NULLIF(v.answer_reason, N'')
    FROM dbo.cdr_records AS r
    CROSS APPLY (SELECT doc = CASE WHEN ISJSON(r.raw_json) = 1 THEN r.raw_json END) AS j
    CROSS APPLY (SELECT
      answer_time                      = JSON_VALUE(j.doc, '$."Answer time"'),
      answered                         = JSON_VALUE(j.doc, '$."Answered"'),
      direction                        = LEFT(JSON_VALUE(j.doc, '$."Direction"'), 50),
      called_line_id                   = LEFT(JSON_VALUE(j.doc, '$."Called line ID"'), 256),
      calling_line_id                  = LEFT(JSON_VALUE(j.doc, '$."Calling line ID"'), 256),
      call_type                        = LEFT(JSON_VALUE(j.doc, '$."Call type"'), 64),
      client_type                      = LEFT(JSON_VALUE(j.doc, '$."Client type"'), 64),
      client_version                   = LEFT(JSON_VALUE(j.doc, '$."Client version"'), 128),
      correlation_id                   = LEFT(JSON_VALUE(j.doc, '$."Correlation ID"'), 150),
      international_country            = LEFT(COALESCE(
          JSON_VALUE(j.doc, '$."International country"'),
          JSON_VALUE(j.doc, '$."International Country"')), 100),
      device_mac                       = LEFT(COALESCE(
          JSON_VALUE(j.doc, '$."Device MAC"'),
          JSON_VALUE(j.doc, '$."Device Mac"')), 50),
      duration                         = JSON_VALUE(j.doc, '$."Duration"'),
      inbound_trunk                    = LEFT(JSON_VALUE(j.doc, '$."Inbound trunk"'), 256),
      org_id                           = LEFT(JSON_VALUE(j.doc, '$."Org UUID"'), 150),
      original_reason                  = LEFT(JSON_VALUE(j.doc, '$."Original reason"'), 64),
      os_type                          = LEFT(JSON_VALUE(j.doc, '$."OS type"'), 64),
      outbound_trunk                   = LEFT(JSON_VALUE(j.doc, '$."Outbound trunk"'), 256),
      redirect_reason                  = LEFT(JSON_VALUE(j.doc, '$."Redirect reason"'), 100),
      related_reason                   = LEFT(JSON_VALUE(j.doc, '$."Related reason"'), 64),
      report_id                        = JSON_VALUE(j.doc, '$."Report ID"'),
      report_time                      = JSON_VALUE(j.doc, '$."Report time"'),
      route_group                      = LEFT(JSON_VALUE(j.doc, '$."Route group"'), 256),
      site_main_number                 = LEFT(JSON_VALUE(j.doc, '$."Site main number"'), 64),
      site_timezone                    = LEFT(JSON_VALUE(j.doc, '$."Site timezone"'), 64),
      sub_client_type                  = LEFT(JSON_VALUE(j.doc, '$."Sub client type"'), 64),
      user_id                          = LEFT(JSON_VALUE(j.doc, '$."User UUID"'), 150),
      user_type                        = LEFT(JSON_VALUE(j.doc, '$."User type"'), 64),
      user_name                        = LEFT(JSON_VALUE(j.doc, '$."User"'), 256),
      called_number                    = LEFT(JSON_VALUE(j.doc, '$."Called number"'), 64),
      calling_number                   = LEFT(JSON_VALUE(j.doc, '$."Calling number"'), 64),
      location_name                    = LEFT(JSON_VALUE(j.doc, '$."Location"'), 256),
      dialed_digits                    = LEFT(JSON_VALUE(j.doc, '$."Dialed digits"'), 128),
      releasing_party                  = LEFT(JSON_VALUE(j.doc, '$."Releasing party"'), 64),
      redirecting_number               = LEFT(JSON_VALUE(j.doc, '$."Redirecting number"'), 64),
      site_uuid                        = LEFT(JSON_VALUE(j.doc, '$."Site UUID"'), 150),
      department_id                    = LEFT(JSON_VALUE(j.doc, '$."Department ID"'), 150),
      transfer_related_call_id         = LEFT(JSON_VALUE(j.doc, '$."Transfer related call ID"'), 150),
      authorization_code               = LEFT(JSON_VALUE(j.doc, '$."Authorization code"'), 64),
      model                            = LEFT(JSON_VALUE(j.doc, '$."Model"'), 128),
      local_session_id                 = LEFT(JSON_VALUE(j.doc, '$."Local SessionID"'), 150),
      remote_session_id                = LEFT(JSON_VALUE(j.doc, '$."Remote SessionID"'), 150),
      call_transfer_time               = COALESCE(
          JSON_VALUE(j.doc, '$."Call transfer time"'),
          JSON_VALUE(j.doc, '$."Call transfer Time"')),
      local_call_id                    = LEFT(JSON_VALUE(j.doc, '$."Local call ID"'), 64),
      remote_call_id                   = LEFT(JSON_VALUE(j.doc, '$."Remote call ID"'), 64),
      network_call_id                  = LEFT(JSON_VALUE(j.doc, '$."Network call ID"'), 256),
      related_call_id                  = LEFT(JSON_VALUE(j.doc, '$."Related call ID"'), 64),
      user_number                      = LEFT(JSON_VALUE(j.doc, '$."User number"'), 64),
      call_outcome                     = LEFT(JSON_VALUE(j.doc, '$."Call outcome"'), 64),
      call_outcome_reason              = LEFT(JSON_VALUE(j.doc, '$."Call outcome reason"'), 128),
      ring_duration                    = JSON_VALUE(j.doc, '$."Ring duration"'),
      answer_indicator                 = LEFT(COALESCE(
          JSON_VALUE(j.doc, '$."Answer indicator"'),
          JSON_VALUE(j.doc, '$."Answer Indicator"')), 50),
      release_time                     = JSON_VALUE(j.doc, '$."Release time"'),
      final_local_session_id           = LEFT(COALESCE(
          JSON_VALUE(j.doc, '$."Final local SessionID"'),
          JSON_VALUE(j.doc, '$."Final local sessionID"')), 150),
      final_remote_session_id          = LEFT(COALESCE(
          JSON_VALUE(j.doc, '$."Final remote SessionID"'),
          JSON_VALUE(j.doc, '$."Final remote sessionID"')), 150),
      pstn_legal_entity                = LEFT(COALESCE(
          JSON_VALUE(j.doc, '$."PSTN legal entity"'),
          JSON_VALUE(j.doc, '$."PSTN Legal Entity"')), 256),
      pstn_vendor_org_id               = LEFT(COALESCE(
          JSON_VALUE(j.doc, '$."PSTN vendor org ID"'),
          JSON_VALUE(j.doc, '$."PSTN Vendor Org ID"'),
          JSON_VALUE(j.doc, '$."PSTN vendor Org ID"')), 50),
      pstn_vendor_name                 = LEFT(COALESCE(
          JSON_VALUE(j.doc, '$."PSTN vendor name"'),
          JSON_VALUE(j.doc, '$."PSTN Vendor Name"')), 256),
      pstn_provider_id                 = LEFT(COALESCE(
          JSON_VALUE(j.doc, '$."PSTN provider ID"'),
          JSON_VALUE(j.doc, '$."PSTN Provider ID"')), 50),
      external_customer_id             = LEFT(JSON_VALUE(j.doc, '$."External customer ID"'), 128),
      redirecting_party_uuid           = LEFT(JSON_VALUE(j.doc, '$."Redirecting party UUID"'), 50),
      public_calling_ip_address        = LEFT(JSON_VALUE(j.doc, '$."Public Calling IP Address"'), 64),
      public_called_ip_address         = LEFT(JSON_VALUE(j.doc, '$."Public Called IP Address"'), 64),
      caller_id_number                 = LEFT(JSON_VALUE(j.doc, '$."Caller ID number"'), 64),
      external_caller_id_number        = LEFT(JSON_VALUE(j.doc, '$."External caller ID number"'), 64),
      device_owner_uuid                = LEFT(JSON_VALUE(j.doc, '$."Device owner UUID"'), 50),
      call_recording_platform_name     = LEFT(JSON_VALUE(j.doc, '$."Call Recording Platform Name"'), 64),
      call_recording_result            = LEFT(JSON_VALUE(j.doc, '$."Call Recording Result"'), 64),
      call_recording_trigger           = LEFT(JSON_VALUE(j.doc, '$."Call Recording Trigger"'), 64),
      original_called_party_uuid       = LEFT(COALESCE(
          JSON_VALUE(j.doc, '$."Original called party UUID"'),
          JSON_VALUE(j.doc, '$."Original Called Party UUID"')), 50),
      recall_type                      = LEFT(COALESCE(
          JSON_VALUE(j.doc, '$."Recall type"'),
          JSON_VALUE(j.doc, '$."Recall Type"')), 64),
      auto_attendant_key_pressed       = LEFT(JSON_VALUE(j.doc, '$."Auto Attendant Key Pressed"'), 64),
      queue_type                       = LEFT(COALESCE(
          JSON_VALUE(j.doc, '$."Queue type"'),
          JSON_VALUE(j.doc, '$."Queue Type"')), 64),
      answered_elsewhere               = LEFT(COALESCE(
          JSON_VALUE(j.doc, '$."Answered elsewhere"'),
          JSON_VALUE(j.doc, '$."Answered Elsewhere"')), 64),
      hold_duration                    = COALESCE(
          JSON_VALUE(j.doc, '$."Hold duration"'),
          JSON_VALUE(j.doc, '$."Hold Duration"')),
      route_list_calls_overage         = LEFT(JSON_VALUE(j.doc, '$."Route list calls overage"'), 64),
      caller_reputation_score          = LEFT(JSON_VALUE(j.doc, '$."Caller Reputation Score"'), 64),
      caller_reputation_service_result = LEFT(JSON_VALUE(j.doc, '$."Caller Reputation Service Result"'), 64),
      caller_reputation_score_reason   = LEFT(JSON_VALUE(j.doc, '$."Caller Reputation Score Reason"'), 512),
      interaction_id                   = LEFT(JSON_VALUE(j.doc, '$."Interaction ID"'), 50),
      wxcc_consult_merge_status        = LEFT(JSON_VALUE(j.doc, '$."WxCC consult merge status"'), 64),
      elin                             = LEFT(JSON_VALUE(j.doc, '$."ELIN"'), 64),
      emergency_number_source          = LEFT(JSON_VALUE(j.doc, '$."Emergency number source"'), 64),
      transfer_type                    = LEFT(JSON_VALUE(j.doc, '$."Transfer type"'), 128),
      transfer_type_context            = LEFT(JSON_VALUE(j.doc, '$."Transfer type context"'), 1024),
      answer_reason                    = LEFT(JSON_VALUE(j.doc, '$."Answer reason"'), 64)
    ) AS v
    CROSS APPLY (SELECT
      answered = CASE LOWER(v.answered) WHEN N'true' THEN 1 WHEN N'false' THEN 0 END,
      answer_time = CONVERT(datetime2(3), SWITCHOFFSET(
        TRY_CONVERT(datetimeoffset, STUFF(v.answer_time, 11, 1, N'T')), '+00:00')),
      duration = CASE WHEN v.duration LIKE N'%[0-9]%' THEN TRY_CONVERT(int, v.duration) END,
      report_time = CONVERT(datetime2(3), SWITCHOFFSET(
        TRY_CONVERT(datetimeoffset, STUFF(v.report_time, 11, 1, N'T')), '+00:00')),
      call_transfer_time = CONVERT(datetime2(3), SWITCHOFFSET(
        TRY_CONVERT(datetimeoffset, STUFF(v.call_transfer_time, 11, 1, N'T')), '+00:00')),
      ring_duration = CASE WHEN v.ring_duration LIKE N'%[0-9]%' THEN TRY_CONVERT(int, v.ring_duration) END,
      release_time = CONVERT(datetime2(3), SWITCHOFFSET(
        TRY_CONVERT(datetimeoffset, STUFF(v.release_time, 11, 1, N'T')), '+00:00')),
      hold_duration = CASE WHEN v.hold_duration LIKE N'%[0-9]%' THEN TRY_CONVERT(int, v.hold_duration) END
    ) AS t
    CROSS APPLY (SELECT
      item = CONCAT(
        JSON_VALUE(j.doc, '$."Correlation ID"'),  NCHAR(31),
        JSON_VALUE(j.doc, '$."Local call ID"'),   NCHAR(31),
        JSON_VALUE(j.doc, '$."Network call ID"'), NCHAR(31),
        JSON_VALUE(j.doc, '$."Direction"'),       NCHAR(31),
        JSON_VALUE(j.doc, '$."User UUID"'),       NCHAR(31),
        JSON_VALUE(j.doc, '$."Start time"'),      NCHAR(31),
        JSON_VALUE(j.doc, '$."Call ID"')),
      own = CONCAT(
        r.correlation_id, NCHAR(31), NCHAR(31), NCHAR(31),
        r.direction, NCHAR(31),
        r.user_id, NCHAR(31),
        STUFF(CONVERT(nchar(19), r.start_time, 120), 11, 1, N'T'), N'.',
        RIGHT(CONCAT(N'00', DATEPART(millisecond, r.start_time)), 3), N'Z', NCHAR(31),
        r.call_id)
    ) AS k
    CROSS APPLY (
      SELECT hash = HASHBYTES('SHA2_256', CASE WHEN LEN(k.item) > 6 THEN k.item ELSE k.own END)
    ) AS h
    WHERE r.id > @after AND r.id <= @upto AND r.report_id IS NULL;

    SET @filled = @filled + @@ROWCOUNT;
    SET @progress = CONCAT(N'cdr_records: ', @filled, N' rows filled, all up to id ', @upto);
    IF @upto IS NOT NULL RAISERROR(@progress, 0, 1) WITH NOWAIT;
    SET @after = @upto;
  END;
`

// Of rows that prove to be one record, the one with the newest report time stays.
const COLLAPSE = `
  SET NOCOUNT ON;
  DECLARE @superseded TABLE (id bigint NOT NULL PRIMARY KEY);

  INSERT INTO @superseded (id)
  SELECT id
  FROM (
    SELECT id, ROW_NUMBER() OVER (PARTITION BY report_id ORDER BY report_time DESC, id DESC) AS place
    FROM dbo.cdr_records
    WHERE report_id IS NOT NULL
  ) AS ranked
  WHERE place > 1;

  WHILE EXISTS (SELECT 1 FROM @superseded)
  BEGIN
    DELETE FROM dbo.cdr_records WHERE id IN (SELECT TOP (2000) id FROM @superseded ORDER BY id);
    DELETE FROM @superseded     WHERE id IN (SELECT TOP (2000) id FROM @superseded ORDER BY id);
  END;
`
