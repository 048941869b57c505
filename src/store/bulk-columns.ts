import mssql from 'mssql'
import type { ColumnMetadata } from 'typeorm/metadata/ColumnMetadata.js'
import type { BulkColumn } from '../database/mssql-bulk.js'

/** Where a row stands in the page. */
export const POSITION: BulkColumn = {
  name: 'position',
  declaration: 'int NOT NULL PRIMARY KEY',
  type: mssql.Int,
  nullable: false
}

/** Of the entity's type, so that a column that somebody made shorter is named by the insert's error. */
export function bulkColumn(column: ColumnMetadata): BulkColumn {
  const name = column.databaseName
  const nullable = true
  const length = column.length.toLowerCase() === 'max' ? mssql.MAX : Number(column.length)
  switch (column.type) {
    case 'nvarchar':
      // Without it, text would have the collation of tempdb, which may be another.
      return {
        name,
        declaration: `nvarchar(${column.length}) COLLATE DATABASE_DEFAULT NULL`,
        type: mssql.NVarChar(length),
        nullable
      }
    case 'datetime2': {
      const precision = column.precision ?? 7
      return { name, declaration: `datetime2(${precision}) NULL`, type: mssql.DateTime2(precision), nullable }
    }
    case 'int':
      return { name, declaration: 'int NULL', type: mssql.Int, nullable }
    case 'bit':
      return { name, declaration: 'bit NULL', type: mssql.Bit, nullable }
    case 'binary':
      // The driver cannot say how long a binary column is.
      return { name, declaration: `varbinary(${length}) NULL`, type: mssql.VarBinary(length), nullable }
    case 'uniqueidentifier':
      return { name, declaration: 'uniqueidentifier NULL', type: mssql.UniqueIdentifier, nullable }
    default:
      throw new Error(`cdr_records.${name}: no bulk load of ${String(column.type)} is known`)
  }
}
