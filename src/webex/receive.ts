import { createWriteStream } from 'node:fs'
import { pipeline } from 'node:stream/promises'
import axios, { AxiosError, type AxiosRequestConfig, type AxiosResponse } from 'axios'
import { textOf } from './body.js'
import { parseBody } from './json-body.js'
import { isPage } from './response.js'

interface FileRequest extends AxiosRequestConfig {
  into?: string
}

/** A request whose body goes into a file if the answer is a 200. */
export function intoFile(config: AxiosRequestConfig, path: string): AxiosRequestConfig {
  const request: FileRequest = { ...config, into: path, maxContentLength: Number.POSITIVE_INFINITY }
  return request
}

/** The file that the body of its answer goes into. */
export function fileOf(config: FileRequest): string | undefined {
  return config.into
}

/**
 * The whole response, its body in the pieces in which it came, or in its file.
 * @param progressed called for each piece of a file
 * @throws AxiosError
 */
export async function receive(response: AxiosResponse, progressed: () => void): Promise<AxiosResponse> {
  const { config, request } = response
  const data: Uint8Array[] = []
  const file = isStored(response) ? fileOf(config) : undefined
  try {
    if (file) await pipeline(response.data, noting(progressed), createWriteStream(file, { mode: 0o600 }))
    else for await (const chunk of response.data) data.push(chunk)
    return { ...response, data }
  } catch (error) {
    if (axios.isAxiosError(error)) throw error
    throw AxiosError.from(error as Error, undefined, config, request)
  }
}

/**
 * The response with its body parsed, where it is JSON.
 * @param chunks the body in UTF-8
 * @throws AxiosError where a 2xx has no JSON
 */
export function withBody(response: AxiosResponse, chunks: readonly Uint8Array[]): AxiosResponse {
  if (response.status === 204 || isStored(response)) return { ...response, data: undefined }
  try {
    return { ...response, data: parseBody(chunks) }
  } catch {
    const text = textOf(chunks)
    if (response.status >= 300) return { ...response, data: text }
    throw new AxiosError(
      isPage(text)
        ? 'a web page instead of JSON, probably from a proxy or firewall'
        : 'the body is not valid JSON or is truncated',
      'EBODY',
      response.config
    )
  }
}

function noting(progressed: () => void) {
  return async function* (pieces: AsyncIterable<Uint8Array>) {
    for await (const piece of pieces) {
      progressed()
      yield piece
    }
  }
}

function isStored({ status, config }: AxiosResponse): boolean {
  return status === 200 && fileOf(config) !== undefined
}
