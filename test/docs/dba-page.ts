import { readFileSync } from 'node:fs'

/** docs/DBA.md */
export const page = readFileSync(new URL('../../docs/DBA.md', import.meta.url), 'utf8')

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
export function section(heading: string): string {
  const [, rest = ''] = page.split(`\n${heading}\n`)
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
