import { clean } from './redaction.js'

export function hostOf({ url = '' }: { url?: string | undefined }): string {
  return URL.canParse(url) ? clean(new URL(url).host) : ''
}

export function target({ method = 'GET', url = '' }: { method?: string; url?: string }): string {
  // The service writes the URLs of pages.
  return `${method.toUpperCase()} ${clean(url.replace(/[?#].*$/s, ''))}`
}

export function seconds(ms: number): string {
  return `${Math.ceil(ms / 1_000)} s`
}
