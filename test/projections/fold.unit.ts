import { expect } from 'chai';
import { fold } from '../../src/projections/fold.ts';
import { column, type Key, type Projection, type Row, type Table, type TableView, text } from '../../src/projections/projection.ts';
import type { LoadRows } from '../../src/projections/row-cache.ts';
import { opened } from '../support/slot-builders.ts';
import { feedOf } from '../support/views.ts';

type Pair = { readonly id: string; readonly value: number };

function table(name: string): Table<Pair> {
  return { name, comment: 'A hand', key: ['id'], columns: { id: text('Id'), value: column('integer', 'Value') } };
}

const LEFT = table('left_hand');
const RIGHT = table('right_hand');

/** Each hand takes what the other one has, from the row of the key `x`, which every event names twice. */
function swap(own: Table<Pair>, other: Table<Pair>): TableView<Pair> {
  return {
    table: own,
    keysOf: () => [['x'], ['x']],
    evolve: (row, _event, _key, before) => (row === undefined ? row : { ...row, value: before(other, ['x'])?.value ?? 0 }),
  };
}

function projectionOf(...tables: readonly TableView<Pair>[]): Projection {
  return { name: 'hands', version: 1, events: ['SlotOpened'], tables };
}

const stored: LoadRows = async ({ name }) => [{ id: 'x', value: name === 'left_hand' ? 1 : 2 }];
const events = feedOf(opened());

describe('a fold', () => {
  it('lets every table see the others as they were before the event', async () => {
    const changes = await fold(projectionOf(swap(LEFT, RIGHT), swap(RIGHT, LEFT)), events, stored);
    expect(changes).to.deep.equal([
      { table: LEFT, added: [], changed: [{ id: 'x', value: 2 }], removed: [] },
      { table: RIGHT, added: [], changed: [{ id: 'x', value: 1 }], removed: [] },
    ]);
  });

  it('writes only what came out different', async () => {
    const still: TableView<Pair> = { table: LEFT, keysOf: () => [['x'], ['y']], evolve: (row) => row };
    expect(await fold(projectionOf(still), events, stored)).to.deep.equal([]);
  });

  it('removes a row that is evolved away', async () => {
    const gone: TableView<Pair> = { table: LEFT, keysOf: () => [['x']], evolve: () => undefined };
    expect(await fold(projectionOf(gone), events, stored)).to.deep.equal([{ table: LEFT, added: [], changed: [], removed: [['x']] }]);
  });

  it('loads each row once for all events of a batch, and what an event wants beyond them when its turn comes', async () => {
    const loads: [string, readonly Key[]][] = [];
    const load = async (wanted: Table<Row>, keys: readonly Key[]) => {
      loads.push([wanted.name, keys]);
      return stored(wanted, keys);
    };
    const counting: TableView<Pair> = {
      table: LEFT,
      keysOf: () => [['x']],
      readsOf: (_event, before) => [{ table: RIGHT, key: [`beside-${before(LEFT, ['x'])?.value}`] }],
      evolve: (row) => ({ id: 'x', value: (row?.value ?? 0) + 1 }),
    };
    const [change] = await fold(projectionOf(counting), feedOf(opened(), opened()), load);
    expect(change?.changed).to.deep.equal([{ id: 'x', value: 3 }]);
    expect(loads).to.deep.equal([
      ['left_hand', [['x']]],
      ['right_hand', [['beside-1']]],
      ['right_hand', [['beside-2']]],
    ]);
  });

  it('blames the event whose rows cannot be told', async () => {
    const blind: TableView<Pair> = {
      table: LEFT,
      keysOf: () => [],
      readsOf: (_event, lookup) => [lookup(LEFT, ['z'])].flatMap(() => []),
      evolve: (row) => row,
    };
    const error = await fold(projectionOf(blind), events, stored).catch((reason: unknown) => reason);
    expect(error).to.have.property('name', 'PoisonEventError');
    expect(error)
      .to.have.property('message')
      .that.matches(/SlotOpened at position 1: row z of left_hand was not named/);
  });
});
