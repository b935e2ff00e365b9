import { expect } from 'chai';
import { Arena, withClient } from '../../bench/arena.ts';

const SETTINGS = { rounds: 1, milliseconds: 1, peaksOnly: true, beside: null, only: null, profiles: null };

describe('the place where sides are measured beside each other', () => {
  let arena: Arena;
  before(async () => {
    arena = await Arena.open(SETTINGS);
  });
  after(() => arena.close());

  it('has a database for each of them', async () => {
    const names: string[] = [];
    for (let side = 0; side < 2; side += 1) {
      const connectionString = await arena.database(null);
      names.push(
        await withClient(connectionString, async (client) => (await client.query('SELECT current_database()')).rows[0].current_database),
      );
    }
    expect(names).to.deep.equal(['bench_1', 'bench_2']);
  });
});
