/**
 * Opens a URL or a file. One that does not start is no error: whoever asked for it has been told what to open.
 */
export async function openInBrowser(target: string): Promise<void> {
  const { DISPLAY, WAYLAND_DISPLAY } = process.env
  if (process.platform === 'linux' && !DISPLAY && !WAYLAND_DISPLAY) return
  const { default: open } = await import('open')
  const browser = await open(target)
  browser.on('error', () => {})
  browser.unref()
}
