/**
 * Asks for the next value while the present one is being worked on. A failure of the next one is held until
 * its turn comes, so that what was fetched before it is still used.
 */
export async function* readAhead<T>(
  source: AsyncGenerator<T, void, undefined>
): AsyncGenerator<T, void, undefined> {
  let next = held(source.next())
  for (;;) {
    const { done, value } = await next
    if (done) return
    next = held(source.next())
    yield value
  }
}

function held<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => {})
  return promise
}
