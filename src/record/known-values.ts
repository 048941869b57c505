export type JsonType = 'string' | 'number' | 'boolean' | 'object' | 'array' | 'null'

/**
 * The reference of cdr_feed (developer.webex.com, reports-detailed-call-history, August 2026) and the CSV of the report
 * “Calling Detailed Call History” spell these in another way than the service.
 */
export const OTHER_SPELLINGS = [
  'International Country',
  'Device Mac',
  'Call transfer Time',
  'Answer Indicator',
  'Final local sessionID',
  'Final remote sessionID',
  'PSTN Legal Entity',
  'PSTN Vendor Org ID',
  'PSTN vendor Org ID',
  'PSTN Vendor Name',
  'PSTN Provider ID',
  'Original Called Party UUID',
  'Recall Type',
  'Queue Type',
  'Answered Elsewhere',
  'Hold Duration'
]

/** By key; all others are text. The reference has Ring duration as a number, the service sends text. */
export const TYPES: Record<string, readonly JsonType[]> = {
  Duration: ['number'],
  'Hold duration': ['number'],
  'Ring duration': ['string', 'number']
}

// Beside those of the reference: values met in the service's events and in the work of others, at the end of each list.
// <n> stands for a number.
const MORE_REASONS = ['ImplicitId', 'ExplicitId<n>', 'Unrecognized']
const REDIRECTIONS = words(
  'Unconditional NoAnswer CallQueue HuntGroup TimeOfDay UserBusy FollowMe Deflection Unavailable Unrecognised Unknown'
)

/** By key. */
export const ENUMERATIONS: Record<string, readonly string[]> = {
  Answered: ['true', 'false'],
  Direction: ['ORIGINATING', 'TERMINATING'],
  'Call type': words(
    `SIP_MEETING SIP_INTERNATIONAL SIP_SHORTCODE SIP_INBOUND UNKNOWN SIP_EMERGENCY SIP_PREMIUM SIP_ENTERPRISE
     SIP_TOLLFREE SIP_NATIONAL SIP_MOBILE
     SIP_URI SIP_OPERATOR SIP_CLICKTOCALL ZTN`
  ),
  'Client type': words(
    `SIP WXC_CLIENT WXC_THIRD_PARTY TEAMS_WXC_CLIENT WXC_DEVICE WXC_SIP_GW
     TEAMS_CLIENT TEAMS_DEVICE CLOUD_AWARE_SIP WXCC TEAMS_SHARE`
  ),
  'Original reason': [...REDIRECTIONS, ...MORE_REASONS],
  'Redirect reason': [...REDIRECTIONS, ...MORE_REASONS],
  'Related reason': [
    ...words(
      `ConsultativeTransfer CallForwardSelective CallForwardAlways CallForwardNoAnswer CallForwardBusy
       CallForwardNotReachable CallForwardModeBased CallQueue HuntGroup CallPickup DirectedCallPickup CallPark
       CallParkRetrieve CallRetrieve CallRecording Deflection FaxDeposit PushNotificationRetrieval BargeIn
       VoiceXMLScriptTermination AnywhereLocation AnywherePortal Executive ExecutiveAssistantInitiateCall
       ExecutiveAssistantDivert ExecutiveForward ExecutiveAssistantCallPush RemoteOffice RoutePoint SequentialRing
       SimultaneousRingPersonal CCMonitoringBI Unrecognised CalllPark`
    ),
    ...MORE_REASONS
  ],
  'Sub client type': words('MOBILE_NETWORK MOBILE_APP DESKTOP_APP'),
  'User type': words(
    `AutomatedAttendantVideo Anchor BroadworksAnywhere VoiceMailRetrieval LocalGateway HuntGroup GroupPaging User
     VoiceMailGroup CallCenterStandard CallCenterPremium VoiceXML RoutePoint VirtualLine Place RouteList Unknown
     AutomatedAttendantBasic AutomatedAttendantStandard CallCenterBasic SystemVoicePortal MeetMeConference
     VirtuaLline`
  ),
  'Releasing party': ['Local', 'Remote', 'Unknown'],
  'Call outcome': ['Success', 'Failure', 'Refusal'],
  'Call outcome reason': words(
    `Normal UserBusy NoAnswer CallRejected UnassignedNumber SIP408 InternalRequestTimeout Q850102ServerTimeout
     NoUserResponse NoAnswerFromUser SIP480 SIP487 TemporarilyUnavailable AdminCallBlock UserCallBlock Unreachable
     LocalGatewayLoop UserAbsent DestinationOutOfOrder SIP501 SIP503 ProtocolError SIP606 NoRouteToDestination
     Internal MaxConcurrentTerminatingAlertingRequestsExceeded RouteListCalls`
  ),
  'Answer indicator': ['Yes', 'No', 'Yes-PostRedirection'],
  'Call Recording Platform Name': words('DubberRecorder Webex Unknown Eleveo ASCTech MiaRec Imagicle'),
  'Call Recording Result': ['successful', 'failed', 'successful but not kept'],
  'Call Recording Trigger': words('always always-pause-resume on-demand on-demand-user-start'),
  'Queue type': ['Customer Assist', 'Call Queue'],
  'Answered elsewhere': ['Yes'],
  'Caller Reputation Service Result': words('allow captcha-allow captcha-block block'),
  'WxCC consult merge status': ['Yes', 'No'],
  'Emergency number source': [
    'ELIN Pool',
    'Workspace ELIN',
    'Workspace ELIN Fallback',
    'ECBN Fallback',
    'ECBN'
  ],
  'Answer reason': ['Auto Answer'],
  'Transfer type': ['AI Receptionist Deflection By Intent', 'AI Receptionist Deflection By Default']
}

function words(text: string): string[] {
  return text.split(/\s+/)
}
