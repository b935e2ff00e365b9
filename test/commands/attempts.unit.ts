import { expect } from 'chai';
import {
  type Attempt,
  type AttemptSink,
  type DroppedAttempts,
  MAX_ASKED_CHARACTERS,
  MAX_BATCH,
  MAX_WAITING_ATTEMPTS,
  MAX_WAITING_READERS,
  QueuedAttemptRecorder,
  type RecordedAttempt,
} from '../../src/commands/attempts.ts';

const ATTEMPT: Attempt = {
  slotId: 'hamlet',
  bookingId: null,
  customerId: 'c-17',
  unitIds: ['A1'],
  code: 'seats-taken',
  asked: '{}',
  slotVersion: 3,
  actor: 'anonymous',
  correlationId: 'x',
};

/** A sink that waits to be let go. */
class SlowSink implements AttemptSink {
  readonly written: RecordedAttempt[] = [];
  readonly batches: number[] = [];
  readonly dropped: DroppedAttempts[] = [];
  failures = 0;
  private release: () => void = () => undefined;
  private gate: Promise<void> = Promise.resolve();

  hold(): void {
    this.gate = new Promise((resolve) => {
      this.release = resolve;
    });
  }

  letGo(): void {
    this.release();
  }

  async write(attempts: readonly RecordedAttempt[], dropped: DroppedAttempts | null): Promise<void> {
    await this.gate;
    if (this.failures > 0) {
      this.failures -= 1;
      throw new Error('the database is away');
    }
    this.batches.push(attempts.length);
    this.written.push(...attempts);
    if (dropped !== null) this.dropped.push(dropped);
  }
}

describe('a recorder of attempts', () => {
  it('answers at once with ids in the order of time, and writes soon after', async () => {
    const sink = new SlowSink();
    const recorder = new QueuedAttemptRecorder(sink, () => 1_000);
    const ids = [recorder.record(ATTEMPT), recorder.record(ATTEMPT), recorder.record(ATTEMPT)];
    expect(sink.written).to.deep.equal([]);
    await recorder.flush();
    expect(sink.written.map((attempt) => attempt.attemptId)).to.deep.equal(ids);
    expect(ids.toSorted()).to.deep.equal(ids);
    expect(sink.written[0]).to.deep.equal({ ...ATTEMPT, attemptId: ids[0], at: 1_000 });
  });

  it('writes in bounded batches', async () => {
    const sink = new SlowSink();
    const recorder = new QueuedAttemptRecorder(sink);
    for (let count = 0; count < MAX_BATCH * 2 + 1; count += 1) recorder.record(ATTEMPT);
    await recorder.flush();
    expect(sink.batches).to.deep.equal([MAX_BATCH, MAX_BATCH, 1]);
  });

  it('takes what comes in while it writes into the next write', async () => {
    const sink = new SlowSink();
    const recorder = new QueuedAttemptRecorder(sink);
    sink.hold();
    recorder.record(ATTEMPT);
    await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
    recorder.record(ATTEMPT);
    sink.letGo();
    await recorder.flush();
    expect(sink.batches).to.deep.equal([1, 1]);
  });

  it('cuts what was asked', async () => {
    const sink = new SlowSink();
    const recorder = new QueuedAttemptRecorder(sink);
    recorder.record({ ...ATTEMPT, asked: 'x'.repeat(MAX_ASKED_CHARACTERS + 1) });
    await recorder.flush();
    recorder.record({ ...ATTEMPT, asked: `${'x'.repeat(MAX_ASKED_CHARACTERS - 1)}🎭🎭` });
    await recorder.flush();
    expect(sink.written[0]?.asked).to.have.length(MAX_ASKED_CHARACTERS);
    expect(sink.written[1]?.asked).to.equal('x'.repeat(MAX_ASKED_CHARACTERS - 1));
  });
});

describe('a recorder whose queue is full', () => {
  it('counts what it drops, with the time, and puts the count on record', async () => {
    const sink = new SlowSink();
    let now = 0;
    const recorder = new QueuedAttemptRecorder(sink, () => now);
    for (let count = 0; count < MAX_WAITING_ATTEMPTS; count += 1) recorder.record(ATTEMPT);
    for (now of [5_000, 6_000, 7_000]) recorder.record(ATTEMPT);
    await recorder.flush();
    expect(sink.written).to.have.length(MAX_WAITING_ATTEMPTS);
    expect(sink.dropped).to.deep.equal([{ firstAt: 5_000, lastAt: 7_000, count: 3 }]);
  });

  it('does not let anything be written out that nobody will read', async () => {
    const recorder = new QueuedAttemptRecorder(new SlowSink());
    let written = 0;
    const refused: Attempt = {
      ...ATTEMPT,
      get asked() {
        written += 1;
        return '{}';
      },
    };
    for (let count = 0; count < MAX_WAITING_ATTEMPTS + 3; count += 1) recorder.record(refused);
    expect(written).to.equal(MAX_WAITING_ATTEMPTS);
    await recorder.stop(5_000);
  });
});

describe('who waits until attempts are written', () => {
  it('is let through by what was recorded before, however much keeps coming', async () => {
    const written: string[] = [];
    let isRush = true;
    const recorder = new QueuedAttemptRecorder({
      async write(attempts) {
        if (isRush) recorder.record(ATTEMPT);
        await new Promise((resolve) => setImmediate(resolve));
        written.push(...attempts.map(({ attemptId }) => attemptId));
      },
    });
    const id = recorder.record(ATTEMPT);
    expect(await recorder.written(5_000)).to.equal(true);
    expect(written).to.deep.equal([id]);
    expect(recorder.queue.waiting).to.be.greaterThan(0);
    isRush = false;
    await recorder.stop(5_000);
  });

  it('does not wait where nothing is under way', async () => {
    const recorder = new QueuedAttemptRecorder(new SlowSink());
    expect(await recorder.written(0)).to.equal(true);
    recorder.record(ATTEMPT);
    await recorder.flush();
    expect(await recorder.written(0)).to.equal(true);
  });

  it('waits for the whole of what is more than one write, and for the count of what was dropped', async () => {
    const sink = new SlowSink();
    const recorder = new QueuedAttemptRecorder(sink);
    for (let count = 0; count < MAX_BATCH + 1; count += 1) recorder.record(ATTEMPT);
    expect(await recorder.written(5_000)).to.equal(true);
    expect(sink.written).to.have.length(MAX_BATCH + 1);

    sink.hold();
    recorder.record(ATTEMPT);
    await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
    for (let count = 0; count < MAX_WAITING_ATTEMPTS + 2; count += 1) recorder.record(ATTEMPT);
    expect(sink.dropped).to.deep.equal([]);
    const written = recorder.written(5_000);
    sink.letGo();
    expect(await written).to.equal(true);
    expect(sink.dropped.map(({ count }) => count)).to.deep.equal([3]);
    expect(recorder.queue.waiting).to.equal(0);
  });

  it('is told so when the database takes nothing for as long as it waits', async () => {
    const sink = new SlowSink();
    sink.failures = Number.POSITIVE_INFINITY;
    const recorder = new QueuedAttemptRecorder(sink);
    recorder.record(ATTEMPT);
    expect(await Promise.all([recorder.written(0), recorder.written(20)])).to.deep.equal([false, false]);
    await recorder.stop(0);
  });

  it('is told so at once when too many wait already, and may wait when they have gone', async () => {
    const sink = new SlowSink();
    const recorder = new QueuedAttemptRecorder(sink);
    sink.hold();
    recorder.record(ATTEMPT);
    const waiting = Array.from({ length: MAX_WAITING_READERS }, () => recorder.written(60_000));
    expect(await recorder.written(60_000)).to.equal(false);
    sink.letGo();
    expect(await Promise.all(waiting)).to.not.include(false);
    expect(await recorder.written(60_000)).to.equal(true);
  });
});

describe('a recorder that is stopped', () => {
  it('writes what is left', async () => {
    const sink = new SlowSink();
    const recorder = new QueuedAttemptRecorder(sink);
    recorder.record(ATTEMPT);
    expect(await recorder.stop(5_000)).to.equal(0);
    expect(sink.written).to.have.length(1);
  });

  it('gives up past the bound, and says how many were lost', async () => {
    const sink = new SlowSink();
    const recorder = new QueuedAttemptRecorder(sink);
    sink.hold();
    recorder.record(ATTEMPT);
    recorder.record(ATTEMPT);
    expect(await recorder.stop(10)).to.equal(2);
  });

  it('tries a database that was away once more', async () => {
    const sink = new SlowSink();
    sink.failures = 1;
    const recorder = new QueuedAttemptRecorder(sink);
    recorder.record(ATTEMPT);
    await new Promise((resolve) => setImmediate(() => setImmediate(() => setImmediate(resolve))));
    expect(await recorder.stop(5_000)).to.equal(0);
    expect(sink.written).to.have.length(1);
  });
});
