import { ConfigurationError } from '../errors.js'

/** Who logs in to SQL Server, and how: the types and options of the tedious driver. */
export type MssqlAuthentication =
  | { type: 'default'; options: { userName: string; password: string } }
  | { type: 'ntlm'; options: { userName: string; password: string; domain: string } }
  | {
      type: 'azure-active-directory-password'
      options: { userName: string; password: string; clientId: string; tenantId: string }
    }
  | {
      type: 'azure-active-directory-service-principal-secret'
      options: { clientId: string; clientSecret: string; tenantId: string }
    }
  | {
      type:
        | 'azure-active-directory-msi-vm'
        | 'azure-active-directory-msi-app-service'
        | 'azure-active-directory-default'
      options: { clientId?: string }
    }

/** What DATABASE_URL says of it. */
export interface Login {
  type: string | undefined
  username: string
  password: string
  domain: string | undefined
  tenantId: string | undefined
  clientId: string | undefined
}

const TYPES = [
  'default',
  'ntlm',
  'azure-active-directory-password',
  'azure-active-directory-service-principal-secret',
  'azure-active-directory-msi-vm',
  'azure-active-directory-msi-app-service',
  'azure-active-directory-default'
]

/** @throws ConfigurationError that names what is missing */
export function mssqlAuthentication(login: Login): MssqlAuthentication {
  const { type = 'default', username, password, domain, tenantId, clientId } = login
  switch (type) {
    case 'default':
      return { type, options: { userName: required(username, 'user', type), password } }
    case 'ntlm':
      return {
        type,
        options: {
          userName: required(username, 'user', type),
          password,
          domain: required(domain, 'option domain', type)
        }
      }
    case 'azure-active-directory-password':
      return {
        type,
        options: {
          userName: required(username, 'user', type),
          password,
          clientId: required(clientId, 'option clientId', type),
          tenantId: required(tenantId, 'option tenantId', type)
        }
      }
    case 'azure-active-directory-service-principal-secret':
      return {
        type,
        options: {
          clientId: required(username, 'client ID (in place of the user)', type),
          clientSecret: password,
          tenantId: required(tenantId, 'option tenantId', type)
        }
      }
    case 'azure-active-directory-msi-vm':
    case 'azure-active-directory-msi-app-service':
    case 'azure-active-directory-default':
      return { type, options: clientId ? { clientId } : {} }
    default:
      throw new ConfigurationError(
        `DATABASE_URL option authentication has an unknown value; valid values are ${TYPES.join(', ')}`
      )
  }
}

function required(value: string | undefined, what: string, type: string): string {
  if (value) return value
  throw new ConfigurationError(
    `DATABASE_URL has no ${what}${type === 'default' ? '' : `, which authentication=${type} requires`}: use mssql://user:password@host:1433/database`
  )
}
