/** The databases the entities can be mapped to. */
export type Dialect = 'mssql' | 'sqlite'

let chosen: Dialect | undefined

/**
 * Fixes the dialect for this process. Column types are read while the entity classes are being
 * defined, so call this before the first import of an entity.
 */
export function chooseDialect(dialect: Dialect): void {
  if (chosen && chosen !== dialect) {
    throw new Error(`entities are already mapped to ${chosen}; a process has one dialect`)
  }
  chosen = dialect
}

export function currentDialect(): Dialect {
  if (!chosen) throw new Error('chooseDialect() must be called before an entity is imported')
  return chosen
}
