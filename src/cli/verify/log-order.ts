import type { FaultList } from './faults.ts';
import { type DigestedEvent, DigestFold, formatDigest, type HeadDigest } from './head-digest.ts';
import type { DatabaseMoment } from './snapshot.ts';

const PAGE_ROWS = 5_000;

export interface LogOrder {
  readonly head: HeadDigest;
  /** Whether history is what it was at the digest that was given; null when none was. */
  readonly unchanged: boolean | null;
}

/** Goes through the whole log in the order of positions: no gap, no time running backwards, and the digest. */
export async function checkLogOrder(
  moment: DatabaseMoment,
  faults: FaultList,
  since: HeadDigest | null,
  onProgress: (events: number) => void,
): Promise<LogOrder> {
  const fold = new DigestFold();
  let last: DigestedEvent = { position: 0, recordedAt: 0, hash: '' };
  let unchanged = since === null ? null : since.position === 0 && fold.digest().sha256 === since.sha256;
  let events = 0;
  const sql = `SELECT position::float8 AS position, recorded_at::float8 AS "recordedAt", encode(hash, 'hex') AS hash
                 FROM holdfast.events ORDER BY position`;
  for await (const event of moment.rows<DigestedEvent>(sql, PAGE_ROWS)) {
    const where = `position ${event.position}`;
    if (event.position !== last.position + 1)
      faults.add('positions', where, `stands behind position ${last.position}: ${gap(last, event)}`);
    if (event.recordedAt < last.recordedAt) faults.add('positions', where, 'was recorded earlier than the event before it');
    fold.take(event);
    if (event.position === since?.position) unchanged = fold.digest().sha256 === since.sha256;
    last = event;
    events += 1;
    onProgress(events);
  }
  const { position } = await moment.one<{ position: number }>('SELECT position::float8 AS position FROM holdfast.log_head');
  if (position !== last.position) {
    faults.add('positions', `position ${last.position}`, `is the last one, but the log's head says ${position}`);
  }
  if (since !== null && unchanged === false) faults.add('digest', `position ${since.position}`, changeOf(since, last.position));
  return { head: fold.digest(), unchanged };
}

function gap(last: DigestedEvent, event: DigestedEvent): string {
  const missing = event.position - last.position - 1;
  return missing === 1 ? `position ${last.position + 1} is missing` : `${missing} positions are missing`;
}

function changeOf(since: HeadDigest, lastPosition: number): string {
  return lastPosition < since.position
    ? `the digest ${formatDigest(since)} was taken of a longer log: this one ends at position ${lastPosition}`
    : `history up to here is not what it was when the digest ${formatDigest(since)} was taken`;
}
