import { isIPv6 } from 'node:net'
import { UsageError } from '../errors.js'

/** A SQL Server as SSMS and Azure's portal write it. */
export interface ServerName {
  /** As a URL has it: an IPv6 address in brackets. */
  host: string
  port?: string
  /** Not where there is a port, which tells it already. */
  instance?: string
}

export const SERVER_FORMS = 'HOST, HOST,PORT or HOST\\INSTANCE'

/** This machine, in SSMS and in a connection string. */
const LOCAL = ['.', '(local)']

/**
 * Reads `host`, `host,port`, `host\instance`, each with `tcp:` before it or not.
 * @throws UsageError
 */
export function parseServerName(text: string): ServerName {
  const [, name = '', instance, port] =
    /^(?:tcp:)?([^\\,]+?)(?:\\([^\\,]+?))?(?:\s*,\s*(\d{1,5}))?$/i.exec(text.trim()) ?? []
  const host = LOCAL.includes(name.toLowerCase()) ? 'localhost' : isHost(`[${name}]`) ? `[${name}]` : name
  if (!isHost(host) || (port !== undefined && !isPort(port))) {
    throw new UsageError(`--sql-server must be ${SERVER_FORMS}, such as sql.example.com,1433`)
  }
  if (port !== undefined) return { host, port }
  return instance === undefined ? { host } : { host, instance }
}

export function isPort(text: string): boolean {
  return /^\d{1,5}$/.test(text) && Number(text) >= 1 && Number(text) <= 65_535
}

function isHost(host: string): boolean {
  const [, address] = /^\[([\da-f:.]+)\]$/i.exec(host) ?? []
  return address === undefined ? /^[\w.-]+$/.test(host) : isIPv6(address)
}
