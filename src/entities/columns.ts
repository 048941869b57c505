import {
  Column,
  type ColumnOptions,
  PrimaryColumn,
  type PrimaryColumnOptions,
  PrimaryGeneratedColumn
} from 'typeorm'
import { currentDialect } from './dialect.js'

/** How the value of an API key becomes the value of a column. */
export type FieldKind = 'text' | 'email' | 'time' | 'integer' | 'boolean' | 'uuid'

/** One column that the API feeds. `length` is in UTF-16 units, for text only. */
export interface ApiField {
  key: string
  property: string
  kind: FieldKind
  length: number
}

const fieldsOfClass = new Map<unknown, ApiField[]>()

/** The API-fed columns of an entity, in the order in which it declares them. */
export function apiFields(entity: unknown): readonly ApiField[] {
  return fieldsOfClass.get(entity) ?? []
}

const mssql = currentDialect() === 'mssql'

/** The present moment in UTC by the database's clock: a datetime2 there, ISO text with a blank here. */
export const NOW = mssql ? 'sysutcdatetime()' : "strftime('%Y-%m-%d %H:%M:%f', 'now')"

export function Id(type: 'int' | 'bigint'): PropertyDecorator {
  return PrimaryGeneratedColumn({ type: mssql ? type : 'integer' })
}

export function Key(length: number): PropertyDecorator {
  return PrimaryColumn({ type: 'nvarchar', length })
}

/** A part of a primary key. */
export function UuidKey(options: PrimaryColumnOptions): PropertyDecorator {
  return PrimaryColumn({
    ...(mssql ? { type: 'uniqueidentifier' } : { type: 'nvarchar', length: 36 }),
    ...options
  })
}

/** A part of a primary key. */
export function TimeKey(options: PrimaryColumnOptions): PropertyDecorator {
  return PrimaryColumn({
    ...(mssql ? { type: 'datetime2', precision: 3 } : { type: 'datetime' }),
    ...options
  })
}

/** A part of a primary key. */
export function IntegerKey(options: PrimaryColumnOptions): PropertyDecorator {
  return PrimaryColumn({ type: mssql ? 'int' : 'integer', ...options })
}

/** Text of at most `length` UTF-16 units. */
export function Text(length: number, key?: string, options?: ColumnOptions): PropertyDecorator {
  return column('text', { type: 'nvarchar', length, ...options }, key)
}

/** Text that keeps its letter case and accents apart when compared. */
export function ExactText(length: number, options?: ColumnOptions): PropertyDecorator {
  return Text(length, undefined, { ...(mssql ? { collation: 'Latin1_General_100_BIN2' } : {}), ...options })
}

/** Holds the value only where it is an e-mail address, else NULL. */
export function Email(length: number, key: string): PropertyDecorator {
  return column('email', { type: 'nvarchar', length }, key)
}

export function LongText(): PropertyDecorator {
  return column('text', mssql ? { type: 'nvarchar', length: 'max' } : { type: 'text' })
}

/** A UTC time with milliseconds. */
export function Time(key?: string, options?: ColumnOptions): PropertyDecorator {
  return column(
    'time',
    mssql ? { type: 'datetime2', precision: 3, ...options } : { type: 'datetime', ...options },
    key
  )
}

/** A UTC time in a column of the predecessor, which has datetime2's default precision (100 ns). */
export function LegacyTime(key?: string, options?: ColumnOptions): PropertyDecorator {
  return column('time', { type: mssql ? 'datetime2' : 'datetime', ...options }, key)
}

/** A column of the predecessor that the database fills with the UTC time of the insert. */
export function InsertTime(): PropertyDecorator {
  return LegacyTime(undefined, { nullable: true, default: () => (mssql ? 'getutcdate()' : NOW) })
}

/** A 32-bit whole number. */
export function Integer(key?: string, options?: ColumnOptions): PropertyDecorator {
  return column('integer', { type: mssql ? 'int' : 'integer', ...options }, key)
}

/** A 64-bit whole number. */
export function BigInteger(options?: ColumnOptions): PropertyDecorator {
  return column('integer', { type: mssql ? 'bigint' : 'integer', ...options })
}

export function Flag(key?: string, options?: ColumnOptions): PropertyDecorator {
  return column('boolean', { type: mssql ? 'bit' : 'boolean', ...options }, key)
}

/** A UUID: uniqueidentifier on SQL Server, lower-case text on SQLite. */
export function Uuid(key?: string, options?: ColumnOptions): PropertyDecorator {
  return column(
    'uuid',
    mssql ? { type: 'uniqueidentifier', ...options } : { type: 'nvarchar', length: 36, ...options },
    key
  )
}

/** 8 bytes. */
export function Hash(): PropertyDecorator {
  return column('text', mssql ? { type: 'binary', length: 8 } : { type: 'blob' })
}

function column(kind: FieldKind, options: ColumnOptions, key?: string): PropertyDecorator {
  return (prototype, property) => {
    if (key) {
      const fields = fieldsOfClass.get(prototype.constructor) ?? []
      fields.push({ key, property: String(property), kind, length: Number(options.length ?? 0) })
      fieldsOfClass.set(prototype.constructor, fields)
    }
    Column({ nullable: true, ...options })(prototype, property)
  }
}
