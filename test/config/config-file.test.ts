import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { changeConfigFile, readConfigFile } from '../../src/config/config-file.js'
import { loadSettings } from '../../src/config/settings.js'
import { ConfigurationError } from '../../src/errors.js'

let folder: string
let path: string

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'webex-cdr-config-'))
  path = join(folder, 'webex-cdr.json')
})
afterAll(() => rmSync(folder, { recursive: true }))

describe('the config file', () => {
  test('is read, where it is there, with the mark that Windows editors put before it', () => {
    expect(readConfigFile(join(folder, 'none.json'))).toEqual({})
    writeFileSync(path, '\uFEFF{"LOG_LEVEL": "warn"}')
    expect(readConfigFile(path)).toEqual({ LOG_LEVEL: 'warn' })
  })

  test.each([
    [
      '{"A": "secret-value",\n\n"B" 1}',
      /^\S+webex-cdr\.json is not valid JSON, near line 3: correct it, or delete it and run `npm run setup`$/
    ],
    ['', /is not valid JSON, near line 1/],
    ['{"WEBEX_TIMEOUT_SECONDS": 60}', /, with WEBEX_TIMEOUT_SECONDS a quoted string$/],
    ['["secret-value"]', /must be a JSON object such as/]
  ])('%j is refused, without what stands in it', (text, message) => {
    writeFileSync(path, text)
    const read = () => readConfigFile(path)
    expect(read).toThrow(ConfigurationError)
    expect(read).toThrow(message)
    expect(read).not.toThrow(/secret-value/)
  })

  test('is changed where something is given, and else stays', () => {
    writeFileSync(path, '{"LOG_LEVEL": "warn", "DATABASE_URL": "sqlite:a.db"}')
    changeConfigFile({ DATABASE_URL: 'sqlite:b.db', LOG_LEVEL: undefined, WEBEX_CLIENT_ID: 'C1' }, path)
    expect(JSON.parse(readFileSync(path, 'utf8'))).toEqual({
      DATABASE_URL: 'sqlite:b.db',
      WEBEX_CLIENT_ID: 'C1'
    })
  })

  test('stands below the environment', () => {
    const file = { LOG_LEVEL: 'warn', WEBEX_CLIENT_ID: 'of the file' }
    expect(loadSettings({ LOG_LEVEL: 'error' }, file)).toMatchObject({
      logLevel: 'error',
      webex: { clientId: 'of the file' }
    })
  })

  test.each([
    [{ WEBEX_API_ULR: 'x' }, /has an unknown setting “WEBEX_API_ULR”/],
    [{ WEBEX_CLIENT_SECRET: 'secret-value' }, /contains WEBEX_CLIENT_SECRET, which is a secret/],
    [{ SECRET_KEY: 'secret-value' }, /contains SECRET_KEY, which is a secret/],
    [{ DATABASE_URL: 'mssql://u:secret-value@h/d' }, /contains a password in DATABASE_URL/]
  ])('%j is refused', (file, message) => {
    expect(() => loadSettings({}, file)).toThrow(message)
    expect(() => loadSettings({}, file)).not.toThrow(/secret-value/)
  })
})
