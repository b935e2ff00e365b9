import { randomUUID } from 'node:crypto';
import { expect } from 'chai';
import { parsedFeedOf } from '../../src/eventstore/parsed-feed.ts';
import { createPostgresEventStore, type PostgresEventStore } from '../../src/eventstore/postgres-store.ts';
import { withDatabase } from '../support/postgres.ts';
import { RandomHistory } from '../support/random-history.ts';
import { appendRaw, recorded } from '../support/read-side.ts';

describe('the parsed feed of PostgreSQL', () => {
  const database = withDatabase();
  let store: PostgresEventStore;

  before(async () => {
    store = await createPostgresEventStore({ connectionString: database() });
    await new RandomHistory(store, 11).grow(1_500);
    const strange = recorded({ type: 'SlotClosed', reason: 'a "quoted" \\ word,\nand % $1 ¿another? 𝄞' });
    await appendRaw(store, 'a "stream", \\with %s words', [
      strange,
      { ...recorded({ type: 'SlotReopened', reason: null }), type: 'Odd "one"\n\u001e' },
      { ...strange, eventId: randomUUID(), metadata: '{ "actor": "{\\"at\\":1,",\n "at": -62135596800000 }' },
      { ...strange, eventId: randomUUID(), metadata: '{"at":1.5e3,"actor":"another"}', data: '{\t"reason":\n "set out on lines" }' },
    ]);
  });
  after(() => store.close());

  it('says what the plain feed says, page by page to its end', async () => {
    const plain = parsedFeedOf(store);
    let events = 0;
    for (let after = 0; ; ) {
      const page = await store.readParsedFeed(after, 400);
      expect(page).to.deep.equal(await plain(after, 400));
      if (page.length === 0) break;
      events += page.length;
      after = page.at(-1)?.position ?? after;
    }
    expect(events).to.equal(await store.headPosition());
  });

  for (const data of ['{"reason":', '{"reason":null},{"reason":null}']) {
    it(`says that ${data} is no JSON, and not that the store is out of reach`, async () => {
      const before = await store.headPosition();
      await appendRaw(store, `broken-${data}`, [{ ...recorded({ type: 'SlotReopened', reason: null }), data }]);
      await store.readParsedFeed(before, 400).then(
        () => expect.fail('it was read'),
        (error: unknown) => expect(error).to.be.instanceOf(SyntaxError),
      );
    });
  }
});
