import type { Answer } from './answer.js'
import type { DeviceGrant } from './device.js'
import { DECISION_BUTTONS, html, page, scopeList } from './page.js'

/** GET /v1/device: where a person enters the user code and decides. */
export function devicePage(devices: DeviceGrant, query: URLSearchParams): Answer {
  const code = query.get('userCode')
  const device = code === null ? undefined : devices.waiting(code)
  if (code !== null && !device) return unknownCode()
  return page(
    200,
    html`${device ? html`<p>A device asks for these scopes:</p>${scopeList(device.scopes)}` : ''}
<form method="post" action="/v1/device/decision">
<p><label>Code on the device: <input name="userCode" value="${device?.userCode ?? ''}" required></label></p>
${DECISION_BUTTONS}
</form>`
  )
}

/** POST /v1/device/decision, from the form on the page. */
export function decideOnDevicePage(devices: DeviceGrant, form: URLSearchParams): Answer {
  const decision = form.get('decision')
  if (decision !== 'accept' && decision !== 'decline') return page(400, html`<p>Accept or decline.</p>`)
  if (!devices.decide((form.get('userCode') ?? '').trim(), decision === 'accept')) return unknownCode()
  return page(200, html`<p>${decision === 'accept' ? 'Accepted' : 'Declined'}. Return to the device.</p>`)
}

function unknownCode(): Answer {
  return page(400, html`<p>No device is waiting with this code: it is wrong, expired or already used.</p>`)
}
