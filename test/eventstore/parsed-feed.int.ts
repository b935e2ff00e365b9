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
      { ...recorded({ type: 'SlotReopened', reason: null }), type: 'Odd "one"' },
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
});
