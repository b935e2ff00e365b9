/**
 * Asks until the answer is yes. Each question takes its own time (a query, a read), so nothing sleeps.
 *
 * @throws Error after the bound, naming what was waited for.
 */
export async function waitUntil(what: string, isSo: () => Promise<boolean>, boundMs = 10_000): Promise<void> {
  const deadline = Date.now() + boundMs;
  while (!(await isSo())) {
    if (Date.now() > deadline) throw new Error(`Not within ${boundMs} ms: ${what}.`);
  }
}
