/** How long whoever reads the output may take for the last of it, in ms. */
const PATIENCE = 500

/**
 * Ends the process with process.exitCode once what it has printed is out, whatever is still open: a socket to a proxy
 * that never answers would keep it for ever, and a scheduler starts no other one beside it.
 */
export async function exit(): Promise<never> {
  const written = [process.stdout, process.stderr].map(
    // Pipes are written to in the background on Windows.
    (stream) => new Promise<unknown>((resolve) => stream.write('', resolve))
  )
  await Promise.race([Promise.all(written), new Promise((resolve) => setTimeout(resolve, PATIENCE))])
  process.exit()
}
