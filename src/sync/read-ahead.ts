/**
 * Asks for the next value while the present one is being worked on. A failure of the next one is held until
 * its turn comes, so that what was fetched before it is still used.
 * @param isAlone whether a value is to be done with before the next one is asked for
 */
export async function* readAhead<T>(
  source: AsyncGenerator<T, void, undefined>,
  isAlone: (value: T) => boolean = () => false
): AsyncGenerator<T, void, undefined> {
  let next = held(source.next())
  for (;;) {
    const { done, value } = await next
    if (done) return
    const alone = isAlone(value)
    if (!alone) next = held(source.next())
    yield value
    if (alone) next = held(source.next())
  }
}

function held<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => {})
  return promise
}
