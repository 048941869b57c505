import { readFileSync } from 'node:fs'

/** docs/DBA.md */
export const page = read('DBA.md')

/** docs/BI.md */
export const biPage = read('BI.md')

export interface Block {
  /** What the comment in its first line says, up to a colon or semicolon. */
  name: string
  sql: string
}

/** The SQL of the page, in its order. */
export const blocks: readonly Block[] = [...page.matchAll(/^```sql\n-- ([^:;\n]+).*\n([^`]+)^```$/gm)].map(
  ([, name = '', sql = '']) => ({ name: name.trim(), sql })
)

export function blockCalled(name: string): Block {
  const found = blocks.find((block) => block.name === name)
  if (!found) throw new Error(`docs/DBA.md has no SQL called “${name}”`)
  return found
}

/** What stands under a heading, up to the next one of its level or a higher one. */
export function section(heading: string, of = page): string {
  const [, rest = ''] = of.split(`\n${heading}\n`)
  const level = heading.indexOf(' ')
  return rest.split(new RegExp(`^#{1,${level}} `, 'm'))[0] ?? ''
}

/** The rows of the tables in a text, cell by cell, without heads. */
export function tableRows(text: string): string[][] {
  const cells = (line: string) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim())
  return text
    .split('\n')
    .filter((line, index, lines) => line.startsWith('|') && !isRule(line) && !isRule(lines[index + 1] ?? ''))
    .map(cells)
}

function isRule(line: string): boolean {
  return /^\|( -+ \|)+$/.test(line)
}

/** The columns of the table under a heading of docs/BI.md, which may name several in a row, with their type. */
export function biColumns(heading: string): { name: string; type: string }[] {
  return tableRows(section(heading, biPage)).flatMap(([names = '', type = '']) =>
    names.split(', ').map((name) => ({ name: name.replaceAll('`', ''), type }))
  )
}

function read(name: string): string {
  return readFileSync(new URL(`../../docs/${name}`, import.meta.url), 'utf8')
}
