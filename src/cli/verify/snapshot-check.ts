import { stringify } from 'safe-stable-stringify';
import { readSnapshot } from '../../commands/read-snapshot.ts';
import { parseSnapshot, SNAPSHOT_SCHEMA, type StoredState, snapshotPieces } from '../../domain/slot/snapshot.ts';
import type { SlotState } from '../../domain/slot/state.ts';
import { GroupedRows } from './grouped-rows.ts';
import type { DatabaseMoment } from './snapshot.ts';

/** A slot's state as it is stored beside its stream, to spare who loads the slot its first events. */
export interface StoredSnapshot {
  readonly streamId: string;
  readonly version: number;
  /** Hash of the event that it is as of, lower-case hex. */
  readonly hash: string;
  readonly state: Buffer;
}

/** Each has some megabytes at most, as a rule. */
const PAGE_SNAPSHOTS = 4;

const SNAPSHOTS = `
  SELECT stream_id AS "streamId", version, encode(hash, 'hex') AS hash, state
    FROM holdfast.snapshots WHERE schema_version = ${SNAPSHOT_SCHEMA} ORDER BY stream_id`;

/** The snapshots that this release goes by, stream by stream. One without a stream is never asked for, so it is nobody's fault. */
export function openSnapshots(moment: DatabaseMoment): GroupedRows {
  return new GroupedRows(
    moment.rows<Readonly<Record<string, unknown>>>(SNAPSHOTS, PAGE_SNAPSHOTS),
    ({ streamId }) => String(streamId),
    () => undefined,
  );
}

/**
 * What is off in a snapshot, whose state decides who gets a unit.
 *
 * @param state what the slot's events have made of it at the snapshot's version.
 * @returns null when the snapshot holds just that.
 */
export async function snapshotFault(state: SlotState, { state: packed, version }: StoredSnapshot): Promise<string | null> {
  let stored: StoredState;
  try {
    stored = await readSnapshot({ state: packed, version });
  } catch (error) {
    return `cannot be read, and is passed over: ${error instanceof Error ? error.message : String(error)}`;
  }
  if (state.head === null || state.requested !== null) return 'is of the middle of a decision, when nothing is settled';
  const replayed = parseSnapshot([...snapshotPieces(state)].join(''));
  const names = Object.keys(replayed) as (keyof StoredState)[];
  const differing = names.filter((name) => comparable(replayed[name]) !== comparable(stored[name]));
  return differing.length === 0 ? null : `is not what the events before it make: ${differing.join(', ')}`;
}

/** In which order entries were added says nothing, nor does that of the properties of an object. */
function comparable(part: unknown): string {
  const entries: readonly unknown[] = Array.isArray(part) ? part : [part];
  return entries
    .map((entry) => stringify(entry))
    .sort()
    .join('\n');
}
