import { existsSync, readFileSync } from 'node:fs'

/** One folder above src/, two above dist/src/. */
const file = ['../package.json', '../../package.json']
  .map((path) => new URL(path, import.meta.url))
  .find((url) => existsSync(url))

/** This program's version, from package.json. */
export const VERSION: string = file ? JSON.parse(readFileSync(file, 'utf8')).version : 'unknown'
