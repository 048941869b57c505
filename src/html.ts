import { createHash } from 'node:crypto'

/** Text that is HTML already. Made by `html` only. */
class Html {
  readonly text: string

  constructor(text: string) {
    this.text = text
  }
}

export type { Html }

type Value = string | number | Html | readonly Html[]

/** HTML from a template: what is filled in is escaped, unless it comes from this function itself. */
export function html(parts: TemplateStringsArray, ...values: Value[]): Html {
  return new Html(parts.map((part, i) => part + written(values[i] ?? '')).join(''))
}

/** A program or a style sheet of our own, between its tags. The page's Content-Security-Policy allows it by `sourceOf`. */
export function inline(tag: 'script' | 'style', text: string): Html {
  return new Html(`<${tag}>${text}</${tag}>`)
}

/** What a Content-Security-Policy calls a program or a style sheet that is in the page itself. */
export function sourceOf(text: string): string {
  return `'sha256-${createHash('sha256').update(text).digest('base64')}'`
}

/** An element of a drawing, with names that are not known before. They are letters and hyphens, or an error. */
export function element(
  name: string,
  attributes: Iterable<[string, string]>,
  content: readonly Html[]
): Html {
  const names = [...attributes].map(([key, value]) => html` ${new Html(checked(key))}="${value}"`)
  return new Html(`<${checked(name)}${written(names)}>${written(content)}</${name}>`)
}

function checked(name: string): string {
  if (!/^[a-z][a-z0-9-]*$/i.test(name)) throw new Error(`${JSON.stringify(name)} is no name in HTML`)
  return name
}

function written(value: Value): string {
  if (value instanceof Html) return value.text
  return typeof value === 'object' ? value.map(({ text }) => text).join('') : escaped(String(value))
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)
}
