import { expect } from 'chai';
import { savedRows } from '../../src/projections/saved-rows.ts';

const MEGABYTE = 1024 ** 2;

describe('rows that are saved', () => {
  const rowsOf = (pieces: readonly string[]) => pieces.flatMap((piece) => JSON.parse(piece) as unknown[]);

  it('go in pieces of a thousand', () => {
    const rows = Array.from({ length: 2_001 }, (_, id) => ({ id, title: 'Hamlet, "Prince"\n' }));
    const pieces = [...savedRows(rows)];
    expect(pieces.map((piece) => JSON.parse(piece).length)).to.deep.equal([1_000, 1_000, 1]);
    expect(rowsOf(pieces)).to.deep.equal(rows);
  });

  it('go in pieces of some megabytes, whatever the size of each', () => {
    const rows = [3, 3, 3, 20, 1, 7].map((megabytes, id) => ({ id, body: 'x'.repeat(megabytes * MEGABYTE) }));
    const pieces = [...savedRows(rows)];
    expect(pieces.map((piece) => JSON.parse(piece).map(({ id }: { id: number }) => id))).to.deep.equal([[0, 1], [2], [3], [4], [5]]);
    expect(rowsOf(pieces)).to.deep.equal(rows);
  });

  it('are none where there is none', () => {
    expect([...savedRows([])]).to.deep.equal([]);
  });
});
