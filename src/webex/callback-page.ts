import type { ServerResponse } from 'node:http'
import { finished } from 'node:stream/promises'
import { html, inline, sourceOf } from '../html.js'

interface CallbackPage {
  status: number
  title: string
  /** Plain text; may be hostile. */
  text: string
}

const BACK = 'You can close this window and return to the terminal.'
export const DONE: CallbackPage = {
  status: 200,
  title: 'Authorised',
  text: `Webex has authorised webex-cdr. ${BACK}`
}
export const NOT_FOUND: CallbackPage = {
  status: 404,
  title: 'Not found',
  text: 'There is nothing at this address.'
}
export const NOT_ALLOWED: CallbackPage = {
  status: 405,
  title: 'Not allowed',
  text: 'This address accepts only GET requests.'
}
export const NOT_OURS: CallbackPage = {
  status: 400,
  title: 'Not a response to this setup',
  text: 'This response does not belong to the setup that is running. It is still waiting: open the address that it shows in the terminal.'
}
export const OVER: CallbackPage = {
  status: 410,
  title: 'Already completed',
  text: `This setup has already received its response. ${BACK}`
}

/** @param reason plain text; may be hostile */
export function failed(reason: string): CallbackPage {
  return { status: 400, title: 'Not authorised', text: `${reason.replace(/\.$/, '')}. ${BACK}` }
}

const STYLE =
  'body{font:1.1rem/1.6 system-ui,sans-serif;max-width:36rem;margin:18vh auto;padding:0 1.5rem;overflow-wrap:anywhere}'

const HEADERS = {
  'Content-Type': 'text/html; charset=utf-8',
  'Content-Security-Policy': `default-src 'none'; style-src ${sourceOf(STYLE)}; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
  // The page's own address holds the authorization code.
  'Referrer-Policy': 'no-referrer',
  'Cache-Control': 'no-store',
  'X-Content-Type-Options': 'nosniff',
  Connection: 'close'
}

/** Resolves when the page has been sent, or cannot be because the browser has gone. */
export async function sendPage(
  response: ServerResponse,
  { status, title, text }: CallbackPage,
  headers: Record<string, string> = {}
): Promise<void> {
  response.writeHead(status, { ...HEADERS, ...headers })
  const page = html`<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${title}</title>
${inline('style', STYLE)}
<h1>${title}</h1>
<p>${text}</p>
</html>
`
  response.end(page.text)
  await finished(response).catch(() => undefined)
}
