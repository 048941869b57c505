type Row = Record<string, unknown>

/** An item of the API: most values are text. */
export type Item = Record<string, unknown>

/** What the Python tool stores of an item, with the keys that it asks for, right and wrong. */
export function predecessorRow(item: Item): Row {
  return {
    call_id: item['Call ID'],
    correlation_id: item['Correlation ID'],
    local_session_id: item['Local session ID'],
    final_local_session_id: item['Final local session ID'],
    remote_session_id: item['Remote session ID'],
    final_remote_session_id: item['Final remote session ID'],
    start_time: pythonTime(item['Start time']),
    answer_time: pythonTime(item['Answer time']),
    release_time: pythonTime(item['Release time']),
    call_transfer_time: pythonTime(item['Call transfer time']),
    duration: pythonInt(item.Duration),
    direction: item.Direction,
    call_type: item['Call type'],
    call_outcome: item['Call outcome'],
    call_outcome_reason: item['Call outcome reason'],
    calling_number: item['Calling number'],
    calling_line_id: item['Calling line ID'],
    called_number: item['Called number'],
    called_line_id: item['Called line ID'],
    dialed_digits: item['Dialed digits'],
    user_id: item['User ID'],
    user_email: item.User,
    user_type: item['User type'],
    location_id: item.Location,
    location_name: item['Location name'],
    department_id: item['Department ID'],
    org_id: item['Organization ID'],
    device_mac: item['Device MAC'],
    client_type: item['Client type'],
    client_version: item['Client version'],
    model: item.Model,
    authorization_code: item['Authorization code'],
    inbound_trunk: item['Inbound trunk'],
    outbound_trunk: item['Outbound trunk'],
    route_group: item['Route group'],
    answered: item.Answered ? Number(item.Answered === 'true') : null,
    answer_indicator: item['Answer indicator'],
    redirecting_number: item['Redirecting number'],
    redirect_reason: item['Redirect reason'],
    international_country: item['International country'],
    transfer_related_call_id: item['Transfer related call ID'],
    site_uuid: item['Site UUID'],
    site_main_number: item['Site main number'],
    site_timezone: item['Site timezone'],
    raw_json: pythonJson(item)
  }
}

/** Milliseconds always: SQLite stands in for datetime2 here. */
function pythonTime(value: unknown): string | null {
  return typeof value === 'string' && value.endsWith('Z') ? value.slice(0, 23).replace('T', ' ') : null
}

function pythonInt(value: unknown): number | null {
  return /^\d+$/.test(String(value)) ? Number(value) : null
}

/** json.dumps: a blank after comma and colon, and only ASCII. */
export function pythonJson(value: unknown): string {
  if (typeof value === 'object' && value !== null) {
    const members = Object.entries(value)
      .filter(([, member]) => member !== undefined)
      .map(([key, member]) => `${pythonJson(key)}: ${pythonJson(member)}`)
    return `{${members.join(', ')}}`
  }
  return JSON.stringify(value).replace(
    /[\u0080-\uffff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`
  )
}
