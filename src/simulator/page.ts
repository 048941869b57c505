import type { Answer } from './answer.js'

/** Text that is HTML already. Made by `html` only. */
class Html {
  readonly text: string

  constructor(text: string) {
    this.text = text
  }
}

export type { Html }

/** HTML from a template: what is filled in is escaped, unless it comes from this function itself. */
export function html(parts: TemplateStringsArray, ...values: (string | Html | readonly Html[])[]): Html {
  return new Html(parts.map((part, i) => part + written(values[i] ?? '')).join(''))
}

/** A page for the person in front of the browser. */
export function page(status: number, content: Html): Answer {
  const { text } = html`<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>Webex (simulated)</title></head>
<body>
<h1>Webex (simulated)</h1>
${content}
</body>
</html>
`
  return { status, body: text, headers: PAGE_HEADERS }
}

export function scopeList(scopes: readonly string[]): Html {
  return html`<ul>${scopes.map((scope) => html`<li>${scope}</li>`)}</ul>`
}

/** The buttons of a form; the one that is pressed comes with it as `decision`. */
export const DECISION_BUTTONS: Html = html`<button id="accept" name="decision" value="accept">Accept</button>
<button id="decline" name="decision" value="decline">Decline</button>`

const PAGE_HEADERS = {
  'content-type': 'text/html;charset=utf-8',
  'cache-control': 'no-store',
  // No form-action: some browsers hold it against the redirect that follows the form.
  'content-security-policy': "default-src 'none'; base-uri 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff'
}

function written(value: string | Html | readonly Html[]): string {
  if (typeof value === 'string') return escaped(value)
  return value instanceof Html ? value.text : value.map(({ text }) => text).join('')
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)
}
