import { createHash } from 'node:crypto';
import { conservationFaults } from '../../src/domain/slot/conservation.ts';
import type { RecordedEvent } from '../../src/eventstore/event-store.ts';
import { LayoutReader } from '../../src/eventstore/layout-reader.ts';
import { replaySlot } from '../../src/eventstore/slot-replay.ts';
import { Random } from '../domain/oracle/random.ts';
import { checkHistory } from '../histories/check-history.ts';
import type { Json, LoggedEvent } from '../histories/history.ts';
import { takeOver } from './takeover.ts';
import { World } from './world.ts';

/** What one seed came to. */
export interface Outcome {
  readonly seed: number;
  /** Empty is the proof. */
  readonly faults: readonly string[];
  /** SHA-256 over the log and everything that was asked and answered: the same seed makes the same. */
  readonly trace: string;
  /** What happened how often. */
  readonly tally: ReadonlyMap<string, number>;
}

/** Answers that only trouble justifies. */
const EXCUSES = ['too-much-contention', 'unavailable', 'outcome-unknown', 'no answer'];

/** Lives through the world of one seed and judges what happened in it. */
export async function simulate(seed: number): Promise<Outcome> {
  const world = new World(seed);
  const { time, records, tally, clientSkewMs, serviceSkewMs } = world;
  const faults: string[] = [];
  const restore = takeOver(time, new Random(seed ^ 0x5eed));
  try {
    const life = world.live();
    await time.run();
    const isOver = await Promise.race([life.then(() => true), new Promise<boolean>((resolve) => queueMicrotask(() => resolve(false)))]);
    if (!isOver) faults.push('somebody waits for ever');
  } catch (error) {
    faults.push(String(error));
  } finally {
    restore();
  }
  const log = await world.database.log.readFeed(0, Number.POSITIVE_INFINITY);
  const events = log.map(loggedEvent);
  const report = checkHistory({ events, records, clientSkewMs, serviceSkewMs, commitMs: 0 });
  faults.push(...world.faults, ...report.faults.map(({ rule, what }) => `${rule}: ${what}`), ...(await conservation(world)));
  if (world.isCalm)
    faults.push(...EXCUSES.filter((answer) => report.answers.has(answer)).map((answer) => `${answer}, though nothing went wrong`));
  for (const [answer, count] of report.answers) tally.set(`answer: ${answer}`, count);
  for (const [code, count] of report.notJudged) tally.set(`not judged: ${code}`, count);
  for (const { type } of events) world.count(`event: ${type}`);
  return { seed, faults, trace: traceOf(log, records), tally };
}

function loggedEvent({ position, streamId, version, eventId, type, recordedAt, data, metadata }: RecordedEvent): LoggedEvent {
  const { at, commandId } = JSON.parse(metadata) as { readonly at: number; readonly commandId: string | null };
  return { position, streamId, version, eventId, type, at, recordedAt, commandId, data: JSON.parse(data) as Json };
}

/** The engine's own account of each slot: free + held + sold + blocked = capacity at every point. */
async function conservation({ database: { log: store }, slots }: World): Promise<readonly string[]> {
  const faults: string[] = [];
  for (const { slotId } of slots) {
    try {
      const { state } = await replaySlot(slotId, { store, layouts: new LayoutReader(store) });
      faults.push(...conservationFaults(state).map((fault) => `conservation of ${slotId}: ${JSON.stringify(fault)}`));
    } catch (error) {
      faults.push(`${slotId} cannot be replayed: ${String(error)}`);
    }
  }
  return faults;
}

/** Event ids are drawn from the machine's own chance, and so are the hashes over them: both are left out. */
function traceOf(log: readonly RecordedEvent[], records: readonly unknown[]): string {
  const plain = log.map(({ eventId: _eventId, hash: _hash, previousHash: _previousHash, ...rest }) => rest);
  return createHash('sha256').update(JSON.stringify(plain)).update(JSON.stringify(records)).digest('hex');
}
