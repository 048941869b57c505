import type { Query } from './caller.js'

/**
 * Presses a button of a page's form as a browser would: hidden and prefilled fields go along. A redirect is
 * not followed.
 *
 * @param typed what a person typed into fields, by their names
 */
export async function press(page: Response, id: 'accept' | 'decline', typed: Query = {}): Promise<Response> {
  const text = await page.text()
  const form = tag(text, 'form')
  const button = tags(text, 'button').find((one) => one.id === id)
  if (form?.method !== 'post' || form.action === undefined || button?.name === undefined) {
    throw new Error(`no form with a button ${id} in ${page.status} ${text}`)
  }
  const fields = Object.fromEntries(tags(text, 'input').map(({ name = '', value = '' }) => [name, value]))
  return fetch(new URL(form.action, page.url), {
    method: 'POST',
    body: new URLSearchParams({ ...fields, ...typed, [button.name]: button.value ?? '' }),
    redirect: 'manual'
  })
}

function tag(text: string, name: string): Query | undefined {
  return tags(text, name)[0]
}

/** The attributes of each tag of this name. */
function tags(text: string, name: string): Query[] {
  return [...text.matchAll(new RegExp(`<${name}\\b[^>]*>`, 'g'))].map(([whole]) =>
    Object.fromEntries([...whole.matchAll(/([\w-]+)="([^"]*)"/g)].map(([, key, value]) => [key, read(value)]))
  )
}

function read(value = ''): string {
  return value.replace(/&#(\d+);/g, (_, code) => String.fromCharCode(Number(code)))
}
