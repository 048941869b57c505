import { element, type Html, html } from '../../html.js'

/** The parts of SVG that charts are made of. A style sheet, a link or a script is none, whoever asks for it. */
const SHAPES = new Set(['svg', 'g', 'rect', 'path', 'line', 'circle', 'text', 'tspan', 'title'])
/** What the page's style sheet says, and names within what has one label for all. */
const LEFT_OUT = new Set(['class', 'style', 'font-family', 'font-size', 'aria-label'])

/**
 * An element as Observable Plot draws it. Plot needs a document, and of that only this much; what it has drawn is written
 * by `html`, so that no text from a call becomes markup.
 */
export class Shape {
  readonly namespaceURI = 'http://www.w3.org/2000/svg'
  private readonly attributes = new Map<string, string>()
  private content: (Shape | string)[] = []

  constructor(
    readonly ownerDocument: Drawing,
    readonly tagName: string
  ) {}

  getAttribute(name: string): string | null {
    return this.attributes.get(name) ?? null
  }

  setAttribute(name: string, value: unknown): void {
    this.attributes.set(name, String(value))
  }

  removeAttribute(name: string): void {
    this.attributes.delete(name)
  }

  appendChild<Child extends Shape | string>(child: Child): Child {
    this.content.push(child)
    return child
  }

  insertBefore<Child extends Shape | string>(child: Child, before: Shape | null): Child {
    const place = before ? this.content.indexOf(before) : -1
    this.content.splice(place < 0 ? this.content.length : place, 0, child)
    return child
  }

  set textContent(text: string) {
    this.content = [text]
  }

  /** @param more attributes of the element itself */
  written(more: readonly [string, string][] = []): Html {
    const kept = [...this.attributes].filter(([name]) => !LEFT_OUT.has(name))
    return element(
      this.tagName,
      [...kept.map(([name, value]): [string, string] => [name, rounded(value)]), ...more],
      this.content.flatMap((child) =>
        typeof child === 'string' ? html`${child}` : SHAPES.has(child.tagName) ? child.written() : []
      )
    )
  }
}

/** The document that Plot draws in. */
export class Drawing {
  readonly documentElement = new Shape(this, 'svg')

  createElementNS(_: string, name: string): Shape {
    return new Shape(this, name)
  }

  createElement(name: string): Shape {
    return new Shape(this, name)
  }

  createTextNode(text: string): string {
    return text
  }
}

/** A tenth of a pixel is fine enough, and half the file. */
function rounded(value: string): string {
  return value.replace(/-?\d+\.\d{3,}/g, (number) => String(Math.round(Number(number) * 10) / 10))
}
