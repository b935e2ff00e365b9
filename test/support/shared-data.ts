import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/**
 * A real input kept beside the checkout (`../shared/data/…`), not part of the project. Skips the
 * calling test or hook, by name, where it is not there.
 */
export function sharedData(test: Mocha.Context, name: string): string {
  const path = fileURLToPath(new URL(`../../../shared/data/${name}`, import.meta.url));
  if (!existsSync(path)) test.skip();
  return path;
}
