import { csv } from './csv.js'
import type { Format } from './format.js'
import { jsonl } from './jsonl.js'
import { parquet } from './parquet.js'

/** By the ends of their names. */
export const FORMATS = { parquet, csv, jsonl } as const satisfies Record<string, Format>

export type FormatName = keyof typeof FORMATS
