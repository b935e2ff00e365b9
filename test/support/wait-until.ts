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

/** The same for what is known in memory: whatever it depends on has its turn before each question. */
export function waitFor(what: string, isSo: () => boolean): Promise<void> {
  return waitUntil(what, async () => {
    await new Promise(setImmediate);
    return isSo();
  });
}
