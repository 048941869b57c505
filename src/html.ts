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

/** A program or a style sheet of our own, between its tags; its hash is in the page's Content-Security-Policy. */
export function inline(tag: 'script' | 'style', text: string): Html {
  return new Html(`<${tag}>${text}</${tag}>`)
}

function written(value: Value): string {
  if (value instanceof Html) return value.text
  return typeof value === 'object' ? value.map(({ text }) => text).join('') : escaped(String(value))
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)
}
