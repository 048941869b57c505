import type { MigrationInterface, QueryRunner } from 'typeorm'

/**
 * Fills report_id and all other columns from raw_json. The Python tool left columns NULL whose keys it
 * misspelt, put names where e-mail addresses and identifiers belong, and had no column for half of the
 * fields. What it stored rightly stays; a row whose raw_json cannot be read keeps what it has.
 *
 * It may be stopped at any moment and run again: rows whose report_id is nil are those to do, and each batch
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

// j.doc: raw_json where it is JSON.  v: its values, cut to their columns.  o: what the tool stored.
// t: the values that are no text.  k: the two texts that a key can be derived from.  h: half the SHA-256 of
// one, as a uniqueidentifier writes it: with the bytes of its first three groups turned around.
// All is compared byte by byte: to many collations a text of emoji or of a newer script equals ''.
const FILL = `
  SET NOCOUNT ON;
  DECLARE @after bigint, @upto bigint, @filled bigint = 0, @progress nvarchar(200);

  SELECT @after = MIN(id) - 1 FROM dbo.cdr_records
  WHERE report_id = '00000000-0000-0000-0000-000000000000';

  WHILE @after IS NOT NULL
  BEGIN
    SELECT @upto = MAX(id)
    FROM (SELECT TOP (1000) id FROM dbo.cdr_records WHERE id > @after ORDER BY id) AS batch;

    BEGIN TRANSACTION;

    UPDATE r SET
      report_id = CASE WHEN t.report_id IS NOT NULL THEN t.report_id ELSE
        CONVERT(uniqueidentifier, CONCAT(
          SUBSTRING(h.hex, 7, 2), SUBSTRING(h.hex, 5, 2), SUBSTRING(h.hex, 3, 2), SUBSTRING(h.hex, 1, 2),
          N'-', SUBSTRING(h.hex, 12, 2), SUBSTRING(h.hex, 10, 2), N'-8',
          SUBSTRING(h.hex, 18, 1), SUBSTRING(h.hex, 15, 2), N'-a',
          SUBSTRING(h.hex, 21, 3), SUBSTRING(h.hex, 24, 13))) END,

      -- held something else
      user_email = CASE
        WHEN v.user_name IS NULL THEN NULLIF(o.user_email, N'')
        WHEN v.user_name LIKE N'_%@_%._%'
         AND v.user_name NOT LIKE N'%@%@%' AND v.user_name NOT LIKE N'%.'
         AND v.user_name NOT LIKE N'%[ <>]%' AND LEN(v.user_name) <= 255 THEN v.user_name
      END,
      location_id = NULLIF(COALESCE(v.site_uuid, NULLIF(o.location_id, v.location_name)), N''),
      answered = CASE WHEN NULLIF(v.answered, N'') IS NULL THEN r.answered ELSE t.answered END,

      -- the tool's other columns: NULL where it asked for a key that does not exist
      answer_time              = COALESCE(r.answer_time, t.answer_time),
      direction                = NULLIF(COALESCE(o.direction, v.direction), N''),
      called_line_id           = NULLIF(COALESCE(o.called_line_id, v.called_line_id), N''),
      calling_line_id          = NULLIF(COALESCE(o.calling_line_id, v.calling_line_id), N''),
      call_type                = NULLIF(COALESCE(o.call_type, v.call_type), N''),
      client_type              = NULLIF(COALESCE(o.client_type, v.client_type), N''),
      client_version           = NULLIF(COALESCE(o.client_version, v.client_version), N''),
      correlation_id           = NULLIF(COALESCE(o.correlation_id, v.correlation_id), N''),
      international_country    = NULLIF(COALESCE(o.international_country, v.international_country), N''),
      device_mac               = NULLIF(COALESCE(o.device_mac, v.device_mac), N''),
      duration                 = COALESCE(r.duration, t.duration),
      inbound_trunk            = NULLIF(COALESCE(o.inbound_trunk, v.inbound_trunk), N''),
      org_id                   = NULLIF(COALESCE(o.org_id, v.org_id), N''),
      outbound_trunk           = NULLIF(COALESCE(o.outbound_trunk, v.outbound_trunk), N''),
      redirect_reason          = NULLIF(COALESCE(o.redirect_reason, v.redirect_reason), N''),
      route_group              = NULLIF(COALESCE(o.route_group, v.route_group), N''),
      site_main_number         = NULLIF(COALESCE(o.site_main_number, v.site_main_number), N''),
      site_timezone            = NULLIF(COALESCE(o.site_timezone, v.site_timezone), N''),
      user_id                  = NULLIF(COALESCE(o.user_id, v.user_id), N''),
      user_type                = NULLIF(COALESCE(o.user_type, v.user_type), N''),
      called_number            = NULLIF(COALESCE(o.called_number, v.called_number), N''),
      calling_number           = NULLIF(COALESCE(o.calling_number, v.calling_number), N''),
      location_name            = NULLIF(COALESCE(o.location_name, v.location_name), N''),
      dialed_digits            = NULLIF(COALESCE(o.dialed_digits, v.dialed_digits), N''),
      redirecting_number       = NULLIF(COALESCE(o.redirecting_number, v.redirecting_number), N''),
      site_uuid                = NULLIF(COALESCE(o.site_uuid, v.site_uuid), N''),
      department_id            = NULLIF(COALESCE(o.department_id, v.department_id), N''),
      transfer_related_call_id = NULLIF(
        COALESCE(o.transfer_related_call_id, v.transfer_related_call_id), N''),
      authorization_code       = NULLIF(COALESCE(o.authorization_code, v.authorization_code), N''),
      model                    = NULLIF(COALESCE(o.model, v.model), N''),
      local_session_id         = NULLIF(COALESCE(o.local_session_id, v.local_session_id), N''),
      remote_session_id        = NULLIF(COALESCE(o.remote_session_id, v.remote_session_id), N''),
      call_transfer_time       = COALESCE(r.call_transfer_time, t.call_transfer_time),
      call_outcome             = NULLIF(COALESCE(o.call_outcome, v.call_outcome), N''),
      call_outcome_reason      = NULLIF(COALESCE(o.call_outcome_reason, v.call_outcome_reason), N''),
      answer_indicator         = NULLIF(COALESCE(o.answer_indicator, v.answer_indicator), N''),
      release_time             = COALESCE(r.release_time, t.release_time),
      final_local_session_id   = NULLIF(COALESCE(o.final_local_session_id, v.final_local_session_id), N''),
      final_remote_session_id  = NULLIF(COALESCE(o.final_remote_session_id, v.final_remote_session_id), N''),

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
      pstn_vendor_org_id               = t.pstn_vendor_org_id,
      pstn_vendor_name                 = NULLIF(v.pstn_vendor_name, N''),
      pstn_provider_id                 = t.pstn_provider_id,
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
      interaction_id                   = t.interaction_id,
      wxcc_consult_merge_status        = NULLIF(v.wxcc_consult_merge_status, N''),
      elin                             = NULLIF(v.elin, N''),
      emergency_number_source          = NULLIF(v.emergency_number_source, N''),
      transfer_type                    = NULLIF(v.transfer_type, N''),
      transfer_type_context            = NULLIF(v.transfer_type_context, N''),
      answer_reason                    = NULLIF(v.answer_reason, N'')
    FROM dbo.cdr_records AS r
    CROSS APPLY (
      SELECT doc = CASE WHEN ISJSON(r.raw_json) = 1 THEN r.raw_json COLLATE Latin1_General_100_BIN2 END
    ) AS j
    CROSS APPLY (SELECT
      answer_time                      = JSON_VALUE(j.doc, '$."Answer time"'),
      answered                         = JSON_VALUE(j.doc, '$."Answered"'),
      direction                        = CONVERT(nvarchar(50), JSON_VALUE(j.doc, '$."Direction"')),
      called_line_id                   = CONVERT(nvarchar(256), JSON_VALUE(j.doc, '$."Called line ID"')),
      calling_line_id                  = CONVERT(nvarchar(256), JSON_VALUE(j.doc, '$."Calling line ID"')),
      call_type                        = CONVERT(nvarchar(64), JSON_VALUE(j.doc, '$."Call type"')),
      client_type                      = CONVERT(nvarchar(64), JSON_VALUE(j.doc, '$."Client type"')),
      client_version                   = CONVERT(nvarchar(128), JSON_VALUE(j.doc, '$."Client version"')),
      correlation_id                   = CONVERT(nvarchar(150), JSON_VALUE(j.doc, '$."Correlation ID"')),
      international_country            = CONVERT(nvarchar(100), COALESCE(
        JSON_VALUE(j.doc, '$."International country"'),
        JSON_VALUE(j.doc, '$."International Country"'))),
      device_mac                       = CONVERT(nvarchar(50), COALESCE(
        JSON_VALUE(j.doc, '$."Device MAC"'),
        JSON_VALUE(j.doc, '$."Device Mac"'))),
      duration                         = JSON_VALUE(j.doc, '$."Duration"'),
      inbound_trunk                    = CONVERT(nvarchar(256), JSON_VALUE(j.doc, '$."Inbound trunk"')),
      org_id                           = CONVERT(nvarchar(150), JSON_VALUE(j.doc, '$."Org UUID"')),
      original_reason                  = CONVERT(nvarchar(64), JSON_VALUE(j.doc, '$."Original reason"')),
      os_type                          = CONVERT(nvarchar(64), JSON_VALUE(j.doc, '$."OS type"')),
      outbound_trunk                   = CONVERT(nvarchar(256), JSON_VALUE(j.doc, '$."Outbound trunk"')),
      redirect_reason                  = CONVERT(nvarchar(100), JSON_VALUE(j.doc, '$."Redirect reason"')),
      related_reason                   = CONVERT(nvarchar(64), JSON_VALUE(j.doc, '$."Related reason"')),
      report_id                        = LTRIM(RTRIM(JSON_VALUE(j.doc, '$."Report ID"'))),
      report_time                      = JSON_VALUE(j.doc, '$."Report time"'),
      route_group                      = CONVERT(nvarchar(256), JSON_VALUE(j.doc, '$."Route group"')),
      site_main_number                 = CONVERT(nvarchar(64), JSON_VALUE(j.doc, '$."Site main number"')),
      site_timezone                    = CONVERT(nvarchar(64), JSON_VALUE(j.doc, '$."Site timezone"')),
      sub_client_type                  = CONVERT(nvarchar(64), JSON_VALUE(j.doc, '$."Sub client type"')),
      user_id                          = CONVERT(nvarchar(150), JSON_VALUE(j.doc, '$."User UUID"')),
      user_type                        = CONVERT(nvarchar(64), JSON_VALUE(j.doc, '$."User type"')),
      user_name                        = CONVERT(nvarchar(256), JSON_VALUE(j.doc, '$."User"')),
      called_number                    = CONVERT(nvarchar(64), JSON_VALUE(j.doc, '$."Called number"')),
      calling_number                   = CONVERT(nvarchar(64), JSON_VALUE(j.doc, '$."Calling number"')),
      location_name                    = CONVERT(nvarchar(256), JSON_VALUE(j.doc, '$."Location"')),
      dialed_digits                    = CONVERT(nvarchar(128), JSON_VALUE(j.doc, '$."Dialed digits"')),
      releasing_party                  = CONVERT(nvarchar(64), JSON_VALUE(j.doc, '$."Releasing party"')),
      redirecting_number               = CONVERT(nvarchar(64), JSON_VALUE(j.doc, '$."Redirecting number"')),
      site_uuid                        = CONVERT(nvarchar(150), JSON_VALUE(j.doc, '$."Site UUID"')),
      department_id                    = CONVERT(nvarchar(150), JSON_VALUE(j.doc, '$."Department ID"')),
      transfer_related_call_id         = CONVERT(nvarchar(150),
        JSON_VALUE(j.doc, '$."Transfer related call ID"')),
      authorization_code               = CONVERT(nvarchar(64), JSON_VALUE(j.doc, '$."Authorization code"')),
      model                            = CONVERT(nvarchar(128), JSON_VALUE(j.doc, '$."Model"')),
      local_session_id                 = CONVERT(nvarchar(150), JSON_VALUE(j.doc, '$."Local SessionID"')),
      remote_session_id                = CONVERT(nvarchar(150), JSON_VALUE(j.doc, '$."Remote SessionID"')),
      call_transfer_time               = COALESCE(
        JSON_VALUE(j.doc, '$."Call transfer time"'),
        JSON_VALUE(j.doc, '$."Call transfer Time"')),
      local_call_id                    = CONVERT(nvarchar(64), JSON_VALUE(j.doc, '$."Local call ID"')),
      remote_call_id                   = CONVERT(nvarchar(64), JSON_VALUE(j.doc, '$."Remote call ID"')),
      network_call_id                  = CONVERT(nvarchar(256), JSON_VALUE(j.doc, '$."Network call ID"')),
      related_call_id                  = CONVERT(nvarchar(64), JSON_VALUE(j.doc, '$."Related call ID"')),
      user_number                      = CONVERT(nvarchar(64), JSON_VALUE(j.doc, '$."User number"')),
      call_outcome                     = CONVERT(nvarchar(64), JSON_VALUE(j.doc, '$."Call outcome"')),
      call_outcome_reason              = CONVERT(nvarchar(128), JSON_VALUE(j.doc, '$."Call outcome reason"')),
      ring_duration                    = JSON_VALUE(j.doc, '$."Ring duration"'),
      answer_indicator                 = CONVERT(nvarchar(50), COALESCE(
        JSON_VALUE(j.doc, '$."Answer indicator"'),
        JSON_VALUE(j.doc, '$."Answer Indicator"'))),
      release_time                     = JSON_VALUE(j.doc, '$."Release time"'),
      final_local_session_id           = CONVERT(nvarchar(150), COALESCE(
        JSON_VALUE(j.doc, '$."Final local SessionID"'),
        JSON_VALUE(j.doc, '$."Final local sessionID"'))),
      final_remote_session_id          = CONVERT(nvarchar(150), COALESCE(
        JSON_VALUE(j.doc, '$."Final remote SessionID"'),
        JSON_VALUE(j.doc, '$."Final remote sessionID"'))),
      pstn_legal_entity                = CONVERT(nvarchar(256), COALESCE(
        JSON_VALUE(j.doc, '$."PSTN legal entity"'),
        JSON_VALUE(j.doc, '$."PSTN Legal Entity"'))),
      pstn_vendor_org_id               = LTRIM(RTRIM(COALESCE(
        JSON_VALUE(j.doc, '$."PSTN vendor org ID"'),
        JSON_VALUE(j.doc, '$."PSTN Vendor Org ID"'),
        JSON_VALUE(j.doc, '$."PSTN vendor Org ID"')))),
      pstn_vendor_name                 = CONVERT(nvarchar(256), COALESCE(
        JSON_VALUE(j.doc, '$."PSTN vendor name"'),
        JSON_VALUE(j.doc, '$."PSTN Vendor Name"'))),
      pstn_provider_id                 = LTRIM(RTRIM(COALESCE(
        JSON_VALUE(j.doc, '$."PSTN provider ID"'),
        JSON_VALUE(j.doc, '$."PSTN Provider ID"')))),
      external_customer_id             = CONVERT(nvarchar(128),
        JSON_VALUE(j.doc, '$."External customer ID"')),
      redirecting_party_uuid           = CONVERT(nvarchar(50),
        JSON_VALUE(j.doc, '$."Redirecting party UUID"')),
      public_calling_ip_address        = CONVERT(nvarchar(64),
        JSON_VALUE(j.doc, '$."Public Calling IP Address"')),
      public_called_ip_address         = CONVERT(nvarchar(64),
        JSON_VALUE(j.doc, '$."Public Called IP Address"')),
      caller_id_number                 = CONVERT(nvarchar(64), JSON_VALUE(j.doc, '$."Caller ID number"')),
      external_caller_id_number        = CONVERT(nvarchar(64),
        JSON_VALUE(j.doc, '$."External caller ID number"')),
      device_owner_uuid                = CONVERT(nvarchar(50), JSON_VALUE(j.doc, '$."Device owner UUID"')),
      call_recording_platform_name     = CONVERT(nvarchar(64),
        JSON_VALUE(j.doc, '$."Call Recording Platform Name"')),
      call_recording_result            = CONVERT(nvarchar(64),
        JSON_VALUE(j.doc, '$."Call Recording Result"')),
      call_recording_trigger           = CONVERT(nvarchar(64),
        JSON_VALUE(j.doc, '$."Call Recording Trigger"')),
      original_called_party_uuid       = CONVERT(nvarchar(50), COALESCE(
        JSON_VALUE(j.doc, '$."Original called party UUID"'),
        JSON_VALUE(j.doc, '$."Original Called Party UUID"'))),
      recall_type                      = CONVERT(nvarchar(64), COALESCE(
        JSON_VALUE(j.doc, '$."Recall type"'),
        JSON_VALUE(j.doc, '$."Recall Type"'))),
      auto_attendant_key_pressed       = CONVERT(nvarchar(64),
        JSON_VALUE(j.doc, '$."Auto Attendant Key Pressed"')),
      queue_type                       = CONVERT(nvarchar(64), COALESCE(
        JSON_VALUE(j.doc, '$."Queue type"'),
        JSON_VALUE(j.doc, '$."Queue Type"'))),
      answered_elsewhere               = CONVERT(nvarchar(64), COALESCE(
        JSON_VALUE(j.doc, '$."Answered elsewhere"'),
        JSON_VALUE(j.doc, '$."Answered Elsewhere"'))),
      hold_duration                    = COALESCE(
        JSON_VALUE(j.doc, '$."Hold duration"'),
        JSON_VALUE(j.doc, '$."Hold Duration"')),
      route_list_calls_overage         = CONVERT(nvarchar(64),
        JSON_VALUE(j.doc, '$."Route list calls overage"')),
      caller_reputation_score          = CONVERT(nvarchar(64),
        JSON_VALUE(j.doc, '$."Caller Reputation Score"')),
      caller_reputation_service_result = CONVERT(nvarchar(64),
        JSON_VALUE(j.doc, '$."Caller Reputation Service Result"')),
      caller_reputation_score_reason   = CONVERT(nvarchar(512),
        JSON_VALUE(j.doc, '$."Caller Reputation Score Reason"')),
      interaction_id                   = LTRIM(RTRIM(JSON_VALUE(j.doc, '$."Interaction ID"'))),
      wxcc_consult_merge_status        = CONVERT(nvarchar(64),
        JSON_VALUE(j.doc, '$."WxCC consult merge status"')),
      elin                             = CONVERT(nvarchar(64), JSON_VALUE(j.doc, '$."ELIN"')),
      emergency_number_source          = CONVERT(nvarchar(64),
        JSON_VALUE(j.doc, '$."Emergency number source"')),
      transfer_type                    = CONVERT(nvarchar(128), JSON_VALUE(j.doc, '$."Transfer type"')),
      transfer_type_context            = CONVERT(nvarchar(1024),
        JSON_VALUE(j.doc, '$."Transfer type context"')),
      answer_reason                    = CONVERT(nvarchar(64), JSON_VALUE(j.doc, '$."Answer reason"'))
    ) AS v
    CROSS APPLY (SELECT
      call_id                  = r.call_id COLLATE Latin1_General_100_BIN2,
      user_email               = r.user_email COLLATE Latin1_General_100_BIN2,
      location_id              = r.location_id COLLATE Latin1_General_100_BIN2,
      direction                = r.direction COLLATE Latin1_General_100_BIN2,
      called_line_id           = r.called_line_id COLLATE Latin1_General_100_BIN2,
      calling_line_id          = r.calling_line_id COLLATE Latin1_General_100_BIN2,
      call_type                = r.call_type COLLATE Latin1_General_100_BIN2,
      client_type              = r.client_type COLLATE Latin1_General_100_BIN2,
      client_version           = r.client_version COLLATE Latin1_General_100_BIN2,
      correlation_id           = r.correlation_id COLLATE Latin1_General_100_BIN2,
      international_country    = r.international_country COLLATE Latin1_General_100_BIN2,
      device_mac               = r.device_mac COLLATE Latin1_General_100_BIN2,
      inbound_trunk            = r.inbound_trunk COLLATE Latin1_General_100_BIN2,
      org_id                   = r.org_id COLLATE Latin1_General_100_BIN2,
      outbound_trunk           = r.outbound_trunk COLLATE Latin1_General_100_BIN2,
      redirect_reason          = r.redirect_reason COLLATE Latin1_General_100_BIN2,
      route_group              = r.route_group COLLATE Latin1_General_100_BIN2,
      site_main_number         = r.site_main_number COLLATE Latin1_General_100_BIN2,
      site_timezone            = r.site_timezone COLLATE Latin1_General_100_BIN2,
      user_id                  = r.user_id COLLATE Latin1_General_100_BIN2,
      user_type                = r.user_type COLLATE Latin1_General_100_BIN2,
      called_number            = r.called_number COLLATE Latin1_General_100_BIN2,
      calling_number           = r.calling_number COLLATE Latin1_General_100_BIN2,
      location_name            = r.location_name COLLATE Latin1_General_100_BIN2,
      dialed_digits            = r.dialed_digits COLLATE Latin1_General_100_BIN2,
      redirecting_number       = r.redirecting_number COLLATE Latin1_General_100_BIN2,
      site_uuid                = r.site_uuid COLLATE Latin1_General_100_BIN2,
      department_id            = r.department_id COLLATE Latin1_General_100_BIN2,
      transfer_related_call_id = r.transfer_related_call_id COLLATE Latin1_General_100_BIN2,
      authorization_code       = r.authorization_code COLLATE Latin1_General_100_BIN2,
      model                    = r.model COLLATE Latin1_General_100_BIN2,
      local_session_id         = r.local_session_id COLLATE Latin1_General_100_BIN2,
      remote_session_id        = r.remote_session_id COLLATE Latin1_General_100_BIN2,
      call_outcome             = r.call_outcome COLLATE Latin1_General_100_BIN2,
      call_outcome_reason      = r.call_outcome_reason COLLATE Latin1_General_100_BIN2,
      answer_indicator         = r.answer_indicator COLLATE Latin1_General_100_BIN2,
      final_local_session_id   = r.final_local_session_id COLLATE Latin1_General_100_BIN2,
      final_remote_session_id  = r.final_remote_session_id COLLATE Latin1_General_100_BIN2
    ) AS o
    CROSS APPLY (SELECT
      report_id = CASE
        WHEN v.report_id LIKE N'________-____-____-____-____________'
         AND v.report_id <> N'00000000-0000-0000-0000-000000000000'
        THEN TRY_CONVERT(uniqueidentifier, v.report_id) END,
      interaction_id = CASE
        WHEN v.interaction_id LIKE N'________-____-____-____-____________'
         AND v.interaction_id <> N'00000000-0000-0000-0000-000000000000'
        THEN TRY_CONVERT(uniqueidentifier, v.interaction_id) END,
      pstn_vendor_org_id = CASE
        WHEN v.pstn_vendor_org_id LIKE N'________-____-____-____-____________'
         AND v.pstn_vendor_org_id <> N'00000000-0000-0000-0000-000000000000'
        THEN TRY_CONVERT(uniqueidentifier, v.pstn_vendor_org_id) END,
      pstn_provider_id = CASE
        WHEN v.pstn_provider_id LIKE N'________-____-____-____-____________'
         AND v.pstn_provider_id <> N'00000000-0000-0000-0000-000000000000'
        THEN TRY_CONVERT(uniqueidentifier, v.pstn_provider_id) END,
      answered = CASE LOWER(v.answered) WHEN N'true' THEN 1 WHEN N'false' THEN 0 END,
      answer_time = CASE WHEN v.answer_time LIKE N'____-__-__[T ]__:__:__%'
        THEN CONVERT(datetime2(3), SWITCHOFFSET(
          TRY_CONVERT(datetimeoffset, STUFF(v.answer_time, 11, 1, N'T')), '+00:00')) END,
      duration = CASE WHEN v.duration LIKE N'%[0-9]%' THEN TRY_CONVERT(int, v.duration) END,
      report_time = CASE WHEN v.report_time LIKE N'____-__-__[T ]__:__:__%'
        THEN CONVERT(datetime2(3), SWITCHOFFSET(
          TRY_CONVERT(datetimeoffset, STUFF(v.report_time, 11, 1, N'T')), '+00:00')) END,
      call_transfer_time = CASE WHEN v.call_transfer_time LIKE N'____-__-__[T ]__:__:__%'
        THEN CONVERT(datetime2(3), SWITCHOFFSET(
          TRY_CONVERT(datetimeoffset, STUFF(v.call_transfer_time, 11, 1, N'T')), '+00:00')) END,
      ring_duration = CASE WHEN v.ring_duration LIKE N'%[0-9]%' THEN TRY_CONVERT(int, v.ring_duration) END,
      release_time = CASE WHEN v.release_time LIKE N'____-__-__[T ]__:__:__%'
        THEN CONVERT(datetime2(3), SWITCHOFFSET(
          TRY_CONVERT(datetimeoffset, STUFF(v.release_time, 11, 1, N'T')), '+00:00')) END,
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
        o.correlation_id, NCHAR(31), NCHAR(31), NCHAR(31),
        o.direction, NCHAR(31),
        o.user_id, NCHAR(31),
        STUFF(CONVERT(nchar(19), r.start_time, 120), 11, 1, N'T'), N'.',
        RIGHT(CONCAT(N'00', DATEPART(millisecond, r.start_time)), 3), N'Z', NCHAR(31),
        o.call_id)
    ) AS k
    CROSS APPLY (
      SELECT hex = CONVERT(nvarchar(36), CONVERT(uniqueidentifier, SUBSTRING(
        HASHBYTES('SHA2_256', CASE WHEN LEN(k.item) > 6 THEN k.item ELSE k.own END), 1, 16)))
    ) AS h
    WHERE r.id > @after AND r.id <= @upto
      AND r.report_id = '00000000-0000-0000-0000-000000000000';

    SET @filled = @filled + @@ROWCOUNT;
    COMMIT;

    SET @progress = CONCAT(N'cdr_records: ', @filled, N' rows filled, all up to id ', @upto);
    IF @upto IS NOT NULL RAISERROR(@progress, 0, 1) WITH NOWAIT;
    SET @after = @upto;
  END;
`

// Of rows that have one Report ID, the one with the newest report time stays. Those of another leg, which there should
// not be, are kept in quarantine, once however often this is begun again.
const COLLAPSE = `
  SET NOCOUNT ON;
  DECLARE @superseded TABLE (id bigint NOT NULL PRIMARY KEY);

  INSERT INTO @superseded (id)
  SELECT id
  FROM (
    SELECT id, ROW_NUMBER() OVER (PARTITION BY report_id ORDER BY report_time DESC, id DESC) AS place
    FROM dbo.cdr_records
    WHERE report_id <> '00000000-0000-0000-0000-000000000000'
  ) AS ranked
  WHERE place > 1;

  IF EXISTS (SELECT 1 FROM @superseded)
    INSERT INTO dbo.cdr_sync_errors
      (error_type, error_message, recovered, record_key, payload, sightings, last_seen_utc)
    SELECT N'QuarantinedRecord',
      N'Another leg has its Report ID, ' + LOWER(CONVERT(nvarchar(36), r.report_id))
        + N': cdr_records holds one of the two.',
      0, NEWID(), r.raw_json, 1, SYSUTCDATETIME()
    FROM @superseded AS s
    JOIN dbo.cdr_records AS r ON r.id = s.id
    JOIN dbo.cdr_records AS kept ON kept.report_id = r.report_id
    WHERE NOT EXISTS (SELECT 1 FROM @superseded AS other WHERE other.id = kept.id)
      AND NOT EXISTS (
        SELECT 1 FROM dbo.cdr_sync_errors AS e
        WHERE e.error_type = N'QuarantinedRecord' AND e.payload = r.raw_json COLLATE Latin1_General_100_BIN2)
      AND (
           (r.direction <> kept.direction COLLATE Latin1_General_100_BIN2 AND UPPER(r.direction) NOT IN (N'', N'NA', N'N/A')
               AND UPPER(kept.direction) NOT IN (N'', N'NA', N'N/A'))
        OR (r.correlation_id <> kept.correlation_id COLLATE Latin1_General_100_BIN2 AND UPPER(r.correlation_id) NOT IN (N'', N'NA', N'N/A')
               AND UPPER(kept.correlation_id) NOT IN (N'', N'NA', N'N/A'))
        OR (r.user_id <> kept.user_id COLLATE Latin1_General_100_BIN2 AND UPPER(r.user_id) NOT IN (N'', N'NA', N'N/A')
               AND UPPER(kept.user_id) NOT IN (N'', N'NA', N'N/A'))
        OR (r.local_call_id <> kept.local_call_id COLLATE Latin1_General_100_BIN2 AND UPPER(r.local_call_id) NOT IN (N'', N'NA', N'N/A')
               AND UPPER(kept.local_call_id) NOT IN (N'', N'NA', N'N/A')));

  WHILE EXISTS (SELECT 1 FROM @superseded)
  BEGIN
    DELETE FROM dbo.cdr_records WHERE id IN (SELECT TOP (2000) id FROM @superseded ORDER BY id);
    DELETE FROM @superseded     WHERE id IN (SELECT TOP (2000) id FROM @superseded ORDER BY id);
  END;
`
