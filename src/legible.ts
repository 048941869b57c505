/** What comes from a call may hold what a terminal would obey, turn around or break a line at. */
export function legible(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ')
}
