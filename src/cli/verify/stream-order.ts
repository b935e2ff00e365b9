import type { RecordedEvent } from '../../eventstore/event-store.ts';
import type { LayoutReader } from '../../eventstore/layout-reader.ts';
import { layoutIdOfStream, slotIdOfStream } from '../../eventstore/streams.ts';
import type { LiveBuilds } from '../../projections/builds/live-builds.ts';
import { ChainCheck, placeOf, type StreamHead } from './chain-check.ts';
import type { FaultList } from './faults.ts';
import { GroupedRows } from './grouped-rows.ts';
import { LayoutCheck } from './layout-check.ts';
import { SlotCheck } from './slot-check.ts';
import type { DatabaseMoment } from './snapshot.ts';
import { openSnapshots, type StoredSnapshot } from './snapshot-check.ts';
import { readStored } from './stored-contract.ts';
import type { StreamCheck, StreamCounts } from './stream-check.ts';
import { finishViewRows, openViewRows, type ViewPositions } from './view-rows.ts';

/** An event may have 256 KiB: a page of large ones stays below a hundred megabytes. */
const PAGE_EVENTS = 250;
const PAGE_HEADS = 5_000;

const EVENTS = `
  SELECT position::float8 AS position, stream_id AS "streamId", version, event_id AS "eventId", type, schema_version AS "schemaVersion",
         data, metadata, recorded_at::float8 AS "recordedAt", encode(previous_hash, 'hex') AS "previousHash", encode(hash, 'hex') AS hash
    FROM holdfast.events ORDER BY stream_id, version, position`;

const HEADS = `SELECT stream_id AS "streamId", version, encode(head_hash, 'hex') AS "headHash" FROM holdfast.streams ORDER BY stream_id`;

/**
 * Goes through the log stream by stream, with one stream in memory at a time: its chain, its events
 * against the stored contract, its replay, its snapshot, and the read models' rows that it makes.
 */
export async function checkStreams(
  moment: DatabaseMoment,
  parts: {
    readonly faults: FaultList;
    readonly layouts: LayoutReader;
    readonly live: LiveBuilds;
    readonly onProgress: (counts: StreamCounts) => void;
  },
): Promise<{ readonly counts: StreamCounts; readonly positions: ViewPositions }> {
  const { faults, layouts, live, onProgress } = parts;
  const counts: StreamCounts = { events: 0, streams: 0, bookings: 0, snapshots: 0, rows: 0 };
  const views = await openViewRows(moment, live, faults);
  const heads = new GroupedRows(
    moment.rows<Readonly<Record<string, unknown>>>(HEADS, PAGE_HEADS),
    (row) => String(row.streamId),
    (row) => faults.add('stream-heads', String(row.streamId), `is at version ${row.version} by the table of streams, but has no events`),
  );
  const snapshots = openSnapshots(moment);
  let current: { readonly chain: ChainCheck; readonly content: StreamCheck | null } | null = null;

  async function start(streamId: string): Promise<NonNullable<typeof current>> {
    counts.streams += 1;
    const slotId = slotIdOfStream(streamId);
    const layoutId = layoutIdOfStream(streamId);
    const [snapshot] = await snapshots.take(streamId);
    const content =
      slotId !== null
        ? new SlotCheck(slotId, { layouts, views, snapshot: (snapshot ?? null) as StoredSnapshot | null, faults, counts })
        : layoutId !== null
          ? new LayoutCheck(layoutId, { views, faults, counts })
          : null;
    if (content === null) faults.add('contract', streamId, 'is the stream of neither a slot nor a layout');
    return { chain: new ChainCheck(streamId, faults), content };
  }

  async function finish(): Promise<void> {
    if (current === null) return;
    const [head] = await heads.take(current.chain.streamId);
    current.chain.finish(head as StreamHead | undefined);
    await current.content?.finish();
  }

  for await (const event of moment.rows<RecordedEvent>(EVENTS, PAGE_EVENTS)) {
    if (current?.chain.streamId !== event.streamId) {
      await finish();
      current = await start(event.streamId);
    }
    current.chain.take(event);
    const read = readStored(event);
    if (read.kind === 'unreadable') faults.add('contract', placeOf(event), read.reason);
    await current.content?.take(event, read);
    counts.events += 1;
    onProgress(counts);
  }
  await finish();
  await heads.finish();
  await finishViewRows(views);
  return { counts, positions: views.positions };
}
