import { expect } from 'chai';
import { OutcomeUnknownError, StoreUnavailableError } from '../../src/eventstore/event-store.ts';
import { createPostgresEventStore, type PostgresEventStore } from '../../src/eventstore/postgres-store.ts';
import { type Cut, type CuttingProxy, startCuttingProxy } from '../support/cutting-proxy.ts';
import { withDatabase } from '../support/postgres.ts';
import { newEvents, newStream } from '../support/stored-events.ts';
import { waitUntil } from '../support/wait-until.ts';

const ANSWER_TIMEOUT_MS = 1_000;

describe('a PostgreSQL store whose connection breaks', () => {
  const database = withDatabase();
  let proxy: CuttingProxy;
  let store: PostgresEventStore;

  before(async () => {
    proxy = await startCuttingProxy(database());
    store = await createPostgresEventStore({ connectionString: proxy.connectionString, answerTimeoutMs: ANSWER_TIMEOUT_MS });
  });
  after(async () => {
    await store.close();
    await proxy.shut();
  });

  const cuts: readonly (readonly [when: string, cut: Cut, eventsWritten: number])[] = [
    ['before the database gets an append', 'before-delivery', 0],
    ['between the commit of an append and its answer', 'before-answer', 2],
    ['in one direction only, so that no answer ever comes', 'no-answer', 2],
  ];
  for (const [when, cut, eventsWritten] of cuts) {
    describe(when, () => {
      it('says that the outcome is unknown; the resend writes exactly once', async () => {
        const streamId = newStream();
        const parts = [{ streamId, expectedVersion: 0, events: newEvents(2) }];
        const happened = proxy.cutOnce(cut, streamId);

        const thrown = await store.append(parts).catch((error: unknown) => error);

        await happened;
        expect(thrown).to.be.instanceOf(OutcomeUnknownError);
        expect(await store.readStream(streamId, 1, 10)).to.have.length(eventsWritten);
        expect(await store.append(parts)).to.deep.include({ kind: 'appended', versions: { [streamId]: 2 } });
        const stream = await store.readStream(streamId, 1, 10);
        expect(stream.map((event) => event.eventId)).to.deep.equal(parts[0]!.events.map((event) => event.eventId));
      });
    });
  }

  describe('while a locked append', () => {
    it('has not sent its commit: nothing was written, and it says so', async () => {
      const streamId = newStream();
      const happened = proxy.cutOnce('before-answer', streamId);

      const thrown = await store.appendLocked(streamId, 0, () => newEvents(1)).catch((error: unknown) => error);

      await happened;
      expect(thrown).to.be.instanceOf(StoreUnavailableError);
      expect(await store.readStream(streamId, 1, 10)).to.deep.equal([]);
    });

    for (const [cut, eventsWritten] of [
      ['before-delivery', 0],
      ['before-answer', 1],
    ] as const) {
      it(`has sent its commit (cut ${cut}): the outcome is unknown, and the stream tells it`, async () => {
        const streamId = newStream();
        const happened = proxy.cutOnce(cut, 'COMMIT');

        const thrown = await store.appendLocked(streamId, 0, () => newEvents(1)).catch((error: unknown) => error);

        await happened;
        expect(thrown).to.be.instanceOf(OutcomeUnknownError);
        expect(await store.readStream(streamId, 1, 10)).to.have.length(eventsWritten);
      });
    }
  });

  describe('while nothing is under way', () => {
    it('says that it is unavailable, and works again when the database is back', async () => {
      const parts = [{ streamId: newStream(), expectedVersion: 0, events: newEvents(1) }];
      const failure = (answer: Promise<unknown>) => answer.then(() => null).catch((error: unknown) => error);
      await proxy.shut();
      // An append that goes out before the store has noticed is of unknown outcome, and rightly so.
      await waitUntil('the store has noticed', async () => (await failure(store.append(parts))) instanceof StoreUnavailableError);

      const thrown = [
        await failure(store.append(parts)),
        await failure(store.appendLocked(newStream(), 0, () => newEvents(1))),
        // What this process has written itself it knows without asking; narrowed down, it has to ask.
        await failure(store.readFeed(0, 1, { types: ['Held'] })),
        await failure(store.headPosition()),
      ];
      await proxy.open();

      for (const error of thrown) expect(error).to.be.instanceOf(StoreUnavailableError);
      expect((await store.append(parts)).kind).to.equal('appended');
    });

    it('cannot be opened, and says why', async () => {
      await proxy.shut();

      const thrown = await createPostgresEventStore({ connectionString: proxy.connectionString }).catch((error: unknown) => error);
      await proxy.open();

      expect(thrown).to.be.instanceOf(StoreUnavailableError);
    });
  });
});
