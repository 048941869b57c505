/** A text as T-SQL has it. One literal, however long: pieces joined by + would be cut at 4,000 characters. */
export function literal(text: string): string {
  return `N'${text.replaceAll("'", "''")}'`
}

/**
 * A statement in which a name stands between quotes as it is, as one that is right where the name has quotes itself
 * or letters of another code page.
 */
export function requoted(statement: string, name: string): string {
  const identifier = `"${name.replaceAll('"', '""')}"`
  return statement.replaceAll(`"${name}"`, () => identifier).replaceAll(`'${name}'`, () => literal(name))
}

/** Runs a statement as a batch of its own, so that TRY also catches what is found when it is compiled. */
export function execute(statement: string): string {
  return `EXEC sys.sp_executesql ${literal(statement)};`
}

export function comment(lines: readonly string[]): string {
  return lines.map((line) => `-- ${line}`.trimEnd()).join('\n')
}

/** What clients take for a command of theirs or a variable, wherever it stands, and what a code page can spoil. */
const TAKEN = [/^\s*(GO|EXIT|QUIT|RESET|ED|USE)\b/im, /^\s*(:|!!)/m, /\$\(/, /[^\t\n -~]/]

/** @throws Error where a client would not pass the statement on as it is */
export function checkScriptable(statement: string): void {
  const found = TAKEN.map((pattern) => pattern.exec(statement)?.[0]).find((text) => text !== undefined)
  if (found === undefined) return
  throw new Error(`a migration has ${JSON.stringify(found)}, which sqlcmd would not pass on: rewrite it`)
}
