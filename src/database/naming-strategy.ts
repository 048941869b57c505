import { DefaultNamingStrategy, type NamingStrategyInterface, type Table } from 'typeorm'

/** snake_case columns, and constraint names that a DBA can read: TypeORM's own end in a hash. */
export class ReadableNamingStrategy extends DefaultNamingStrategy implements NamingStrategyInterface {
  override columnName(propertyName: string, customName: string | undefined): string {
    return customName ?? propertyName.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
  }

  override primaryKeyName(table: Table | string): string {
    return `PK_${tableName(table)}`
  }

  override defaultConstraintName(table: Table | string, column: string): string {
    return `DF_${tableName(table)}_${column}`
  }
}

function tableName(table: Table | string): string {
  const path = typeof table === 'string' ? table : table.name
  return path.split('.').at(-1) ?? path
}
