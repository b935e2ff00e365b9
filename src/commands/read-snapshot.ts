import { parseSnapshot, type StoredState } from '../domain/slot/snapshot.ts';
import type { Snapshot } from '../eventstore/event-store.ts';
import { unpackText } from './packed-snapshot.ts';

/** Typed by the stored state, so that a part that is missing here does not compile. */
const PARTS: Readonly<Record<keyof StoredState, (part: unknown) => boolean>> = {
  version: Number.isFinite,
  lastEventAt: Number.isFinite,
  shrunkAt: Number.isFinite,
  head: (part) => typeof part === 'object' && part !== null,
  units: Array.isArray,
  withdrawn: Array.isArray,
  profiles: Array.isArray,
  bookings: Array.isArray,
  commands: Array.isArray,
  lastCommands: Array.isArray,
  retirements: Array.isArray,
  oldestRetirement: Number.isFinite,
  nextRetirement: Number.isFinite,
};

/**
 * The state that a snapshot holds, all of its parts there.
 *
 * @throws SyntaxError when a part is missing, or the text is no JSON; TypeError when it is no object; and when it is not packed.
 */
export async function readSnapshot({ state, version }: Pick<Snapshot, 'state' | 'version'>): Promise<StoredState> {
  const stored = parseSnapshot(await unpackText(state));
  for (const name of Object.keys(PARTS) as (keyof StoredState)[]) {
    if (!PARTS[name](stored[name])) throw new SyntaxError(`the snapshot lacks ${name}`);
  }
  if (stored.version !== version) throw new SyntaxError(`the snapshot is of version ${stored.version}, not ${version}`);
  return stored;
}
