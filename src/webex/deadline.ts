/**
 * Aborts one request when its time is up, or when the run stops. It holds a timer of its own: an
 * AbortSignal.timeout() inside AbortSignal.any() can be collected as garbage before it fires.
 */
export class Deadline {
  private readonly controller = new AbortController()
  private readonly timer: NodeJS.Timeout
  private readonly abort = () => this.controller.abort()

  /** @param ms from now */
  constructor(
    ms: number,
    private readonly stop: AbortSignal
  ) {
    this.timer = setTimeout(this.abort, ms)
    stop.addEventListener('abort', this.abort)
    if (stop.aborted) this.abort()
  }

  get signal(): AbortSignal {
    return this.controller.signal
  }

  /** Its time begins anew. */
  renew(): void {
    this.timer.refresh()
  }

  /** From now on only its time ends the request. */
  outlast(): void {
    this.stop.removeEventListener('abort', this.abort)
  }

  /** The request has ended. */
  clear(): void {
    clearTimeout(this.timer)
    this.outlast()
  }
}
