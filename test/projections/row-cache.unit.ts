import { expect } from 'chai';
import { KeyFilter } from '../../src/projections/key-filter.ts';
import { column, type Key, type Row, type Table, text } from '../../src/projections/projection.ts';
import { RowCache } from '../../src/projections/row-cache.ts';

type Count = { readonly id: string; readonly count: number };

const COUNTS: Table<Count> = {
  name: 'counts',
  comment: 'Counts',
  key: ['id'],
  columns: { id: text('Id'), count: column('integer', 'Count') },
};
const OTHERS: Table<Count> = { ...COUNTS, name: 'others' };

/** A database with what the cache gave it, that remembers what it was asked for. */
class Stored {
  readonly rows = new Map<string, Row>();
  readonly askedFor: string[] = [];

  readonly load = async ({ name }: Table<Row>, keys: readonly Key[]): Promise<readonly Row[]> => {
    this.askedFor.push(...keys.map(([id]) => String(id)));
    return keys.map(([id]) => this.rows.get(`${name} ${id}`)).filter((row) => row !== undefined);
  };

  /** @returns which rows were new. */
  write(cache: RowCache): readonly unknown[] {
    return cache.takeChanges().flatMap(({ table, added, changed, removed }) => {
      for (const row of [...added, ...changed]) this.rows.set(`${table.name} ${row.id}`, row);
      for (const [id] of removed) this.rows.delete(`${table.name} ${id}`);
      return added.map(({ id }) => id);
    });
  }
}

async function count(cache: RowCache, table: Table<Count>, id: string): Promise<void> {
  const [entry] = cache.entries(table, [[id]]);
  if (cache.wantsRows) await cache.loadWanted();
  if (entry !== undefined) cache.put(entry, { id, count: Number(entry.row?.count ?? 0) + 1 });
}

describe('rows that are kept over many batches', () => {
  it('are asked for only where the database may have them', async () => {
    const stored = new Stored();
    const cache = new RowCache(stored.load, { maxRows: 1_000, elsewhere: new KeyFilter() });
    await count(cache, COUNTS, 'a');
    await count(cache, COUNTS, 'a');
    expect(stored.write(cache)).to.deep.equal(['a']);
    await count(cache, COUNTS, 'a');
    expect(stored.write(cache)).to.deep.equal([]);
    expect(stored.rows.get('counts a')).to.deep.equal({ id: 'a', count: 3 });
    expect(stored.askedFor).to.deep.equal([]);
  });

  it('are loaded again once they were forgotten, each from its own table, and others are not', async () => {
    const stored = new Stored();
    const cache = new RowCache(stored.load, { maxRows: 20, elsewhere: new KeyFilter() });
    for (let id = 0; id < 200; id += 1) {
      await count(cache, COUNTS, `n${id}`);
      if (id % 5 === 4) stored.write(cache);
    }
    expect(stored.askedFor).to.deep.equal([]);
    await count(cache, COUNTS, 'n0');
    await count(cache, COUNTS, 'n199');
    await count(cache, OTHERS, 'n0');
    expect(stored.askedFor).to.deep.equal(['n0']);
    expect(stored.write(cache)).to.deep.equal(['n0']);
    expect(['counts n0', 'counts n199', 'others n0'].map((id) => stored.rows.get(id)?.count)).to.deep.equal([2, 2, 1]);
  });

  it('are not taken for stored when they were removed before they were forgotten', async () => {
    const stored = new Stored();
    const cache = new RowCache(stored.load, { maxRows: 2, elsewhere: new KeyFilter() });
    await count(cache, COUNTS, 'gone');
    stored.write(cache);
    const [entry] = cache.entries(COUNTS, [['gone']]);
    if (entry !== undefined) cache.put(entry, undefined);
    for (const id of ['a', 'b', 'c', 'd']) {
      await count(cache, COUNTS, id);
      stored.write(cache);
    }
    expect(stored.rows.has('counts gone')).to.equal(false);
    await count(cache, COUNTS, 'gone');
    expect(stored.askedFor).to.deep.equal([]);
    expect(stored.write(cache)).to.deep.equal(['gone']);
  });
});

describe('a set of keys that may be elsewhere', () => {
  it('has all that were added, and takes few others for its own', () => {
    const filter = new KeyFilter();
    const key = (number: number) => `slot_claims\0show-${number}\0S${number % 200}\0show-${number}.${number % 131}\0`;
    for (let number = 0; number < 100_000; number += 1) filter.add(key(number));
    let wrong = 0;
    for (let number = 0; number < 100_000; number += 1) {
      if (!filter.mayHave(key(number))) expect.fail(`${key(number)} was forgotten`);
      if (filter.mayHave(key(number + 100_000))) wrong += 1;
    }
    expect(wrong).to.be.lessThan(100);
  });
});
