import { expect, test } from 'vitest'
import { element, html, inline, sourceOf } from '../../src/html.js'

test('what is filled in is text, whatever it looks like', () => {
  const name = `</b><script>&"'`
  expect(html`<b title="${name}">${name}</b>${3}`.text).toBe(
    '<b title="&#60;/b&#62;&#60;script&#62;&#38;&#34;&#39;">&#60;/b&#62;&#60;script&#62;&#38;&#34;&#39;</b>3'
  )
})

test('what comes from a template is HTML already, one or many', () => {
  const items = ['<', 'b'].map((item) => html`<li>${item}</li>`)
  expect(html`<ul>${items}</ul>${html`<hr>`}`.text).toBe('<ul><li>&#60;</li><li>b</li></ul><hr>')
})

test('an element has names, and its values and content are text', () => {
  expect(element('rect', [['fill', '"><']], [html`${'<'}`]).text).toBe(
    '<rect fill="&#34;&#62;&#60;">&#60;</rect>'
  )
  expect(() => element('rect x', [], [])).toThrow(/no name/)
  expect(() => element('rect', [['a b', '']], [])).toThrow(/no name/)
})

test('the policy names a style sheet by the hash of what is between its tags', () => {
  expect(inline('style', 'p{}').text).toBe('<style>p{}</style>')
  expect(sourceOf('')).toBe("'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='")
})
