/** Shorter ones would be found everywhere, and no secret of Webex is. In characters. */
const SHORTEST = 8
/** Of what comes from outside, in characters; `LONGEST_READ` are looked at. */
const LONGEST = 300
const LONGEST_READ = 10_000

const OF_A_TOKEN = String.raw`[^\s"'\\,;&]`

/** What looks like a token, whosever it is. Looks ahead first: before each of many blanks it would look back at all others. */
const TOKENS = [
  String.raw`(?=${OF_A_TOKEN})(?<=\b(?:access_token|refresh_token|client_secret)["'\\]*\s*[:=]["'\\\s]*)${OF_A_TOKEN}{${SHORTEST},}`,
  // “Bearer authentication” is none.
  String.raw`(?=${OF_A_TOKEN})(?<=\bBearer\s+)${OF_A_TOKEN}{16,}`
]

/** Our secrets, to be cut out of whatever is told of what came from outside. */
export class Redaction {
  private readonly secrets = new Set<string>()
  private pattern: RegExp | undefined

  /** From now on this value is cut out, however a URL or a form spells it. */
  conceal(text: string): void {
    const secret = text.toWellFormed()
    const form = new URLSearchParams({ secret }).toString().slice('secret='.length)
    for (const spelling of [secret, encodeURIComponent(secret), form]) {
      if (spelling.length >= SHORTEST) this.secrets.add(spelling)
    }
    this.pattern = undefined
  }

  /** For a log, an error or a table: one line, not long, without control characters and without secrets. */
  clean(text: string): string {
    this.pattern ??= patternFor(this.secrets)
    return begun(text)
      .toWellFormed()
      .replace(this.pattern, '[redacted]')
      .replace(/[\p{Cc}\p{Cf}\s]+/gu, ' ')
      .trim()
      .slice(0, LONGEST)
      .toWellFormed()
  }
}

/** Its beginning, without a last word that is not whole: half a secret would not be known as one. */
function begun(text: string): string {
  if (text.length <= LONGEST_READ) return text
  const beginning = text.slice(0, LONGEST_READ)
  return beginning.slice(0, Math.max(0, beginning.lastIndexOf(' ')))
}

const NONE = new Redaction()

/** The same, where none of our secrets can be in it. */
export function clean(text: string): string {
  return NONE.clean(text)
}

/** One pass, in which the longest is found first: what replaces a secret is not searched again. */
function patternFor(secrets: ReadonlySet<string>): RegExp {
  const longestFirst = [...secrets].sort((a, b) => b.length - a.length)
  const literals = longestFirst.map((secret) => secret.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&'))
  return new RegExp([...literals, ...TOKENS].join('|'), 'gi')
}
