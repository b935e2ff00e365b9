import { expect } from 'chai';
import { fold, foldInto } from '../../src/projections/fold.ts';
import {
  column,
  type FeedEvent,
  type Key,
  type Projection,
  type Row,
  type Table,
  type TableView,
  text,
} from '../../src/projections/projection.ts';
import { type LoadRows, RowCache } from '../../src/projections/row-cache.ts';
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

  it('does not look for rows that are new', async () => {
    const loads: string[] = [];
    const load: LoadRows = async ({ name }) => {
      loads.push(name);
      return [];
    };
    const making = (own: Table<Pair>): TableView<Pair> => ({ table: own, keysOf: () => [['x']], evolve: () => ({ id: 'x', value: 1 }) });
    const changes = await fold(projectionOf({ ...making(LEFT), makesNew: () => true }, making(RIGHT)), events, load);
    expect(loads).to.deep.equal(['right_hand']);
    expect(changes.map(({ added }) => added)).to.deep.equal([[{ id: 'x', value: 1 }], [{ id: 'x', value: 1 }]]);
  });

  it('loads each row once for all events of a batch, and what an event wants beyond them when its turn comes', async () => {
    const loads: [string, readonly Key[]][] = [];
    const load = async (wanted: Table<Row>, keys: readonly Key[]) => {
      loads.push([wanted.name, keys]);
      return stored(wanted, keys);
    };
    const looking: TableView<Pair> = {
      table: LEFT,
      keysOf: () => [['x']],
      readsOf: (_event, before) => [{ table: RIGHT, key: [`beside-${before(LEFT, ['x'])?.value}`] }],
      evolve: (row) => ({ id: 'x', value: (row?.value ?? 0) + 1 }),
    };
    const [change] = await fold(projectionOf(looking), feedOf(opened(), opened()), load);
    expect(change?.changed).to.deep.equal([{ id: 'x', value: 3 }]);
    expect(loads).to.deep.equal([
      ['left_hand', [['x']]],
      ['right_hand', [['beside-1']]],
      ['right_hand', [['beside-2']]],
    ]);
  });

  describe('that takes long', () => {
    const busy: TableView<Pair> = {
      table: LEFT,
      keysOf: () => [['x']],
      evolve: (row) => {
        for (const end = performance.now() + 10; performance.now() < end; );
        return { id: 'x', value: (row?.value ?? 0) + 1 };
      },
    };

    async function pulsesOf(view: TableView<Pair>, told: readonly FeedEvent[]): Promise<{ pulses: number; rows: RowCache }> {
      let pulses = 0;
      const rows = new RowCache(async () => []);
      await foldInto(rows, projectionOf(view), told, async () => {
        pulses += 1;
      });
      return { pulses, rows };
    }

    it('lets others have their turn every few events', async () => {
      const { pulses, rows } = await pulsesOf(busy, feedOf(...Array.from({ length: 30 }, () => opened())));
      expect(pulses).to.be.within(3, 29);
      expect(rows.takeChanges()[0]?.added).to.deep.equal([{ id: 'x', value: 30 }]);
    });

    it('lets them have it in the middle of an event that changes many rows, too', async () => {
      const keys = Array.from({ length: 300 }, (_, row) => [`row ${row}`]);
      const one: TableView<Pair> = {
        ...busy,
        keysOf: () => keys,
        evolve: (_row, _event, [id]) => {
          for (const end = performance.now() + 1; performance.now() < end; );
          return { id: String(id), value: 1 };
        },
      };
      const { pulses, rows } = await pulsesOf(one, events);
      expect(pulses).to.be.within(2, 6);
      expect(rows.takeChanges()[0]?.added.map(({ id }) => [id])).to.deep.equal(keys);
    });

    it('asks for none where it is done at once', async () => {
      expect((await pulsesOf({ ...busy, evolve: () => ({ id: 'x', value: 1 }) }, events)).pulses).to.equal(0);
    });
  });

  /** The row `x` of the left hand tells which row of the right hand each event adds to. */
  const pointing: TableView<Pair> = {
    table: RIGHT,
    keysOf: () => [],
    furtherKeysOf: (_event, lookup) => [[`to-${lookup(LEFT, ['x'])?.value}`], ['both']],
    evolve: (row, _event, [id]) => ({ id: String(id), value: (row?.value ?? 0) + 1 }),
  };
  const counting: TableView<Pair> = { table: LEFT, keysOf: () => [['x']], evolve: (row) => ({ id: 'x', value: (row?.value ?? 0) + 1 }) };

  it('changes rows that only other rows tell, as those stand before the event', async () => {
    const changes = await fold(projectionOf(counting, pointing), feedOf(opened(), opened()), async ({ name }) =>
      name === 'left_hand' ? [{ id: 'x', value: 1 }] : [{ id: 'to-1', value: 10 }],
    );
    const right = changes.find(({ table: changed }) => changed === RIGHT);
    expect(right?.changed).to.deep.equal([{ id: 'to-1', value: 11 }]);
    expect(right?.added).to.deep.equal([
      { id: 'both', value: 2 },
      { id: 'to-2', value: 1 },
    ]);
  });

  it('evolves a row once that is named both by the event and by other rows', async () => {
    for (const named of [['to-1'], ['both', 'to-1']]) {
      const evolved: string[] = [];
      const evolve: TableView<Pair>['evolve'] = (...given) => {
        evolved.push(String(given[2][0]));
        return pointing.evolve(...given);
      };
      const both: TableView<Pair> = { ...pointing, keysOf: () => named.map((id) => [id]), evolve };
      await fold(projectionOf(both, counting), events.slice(0, 1), async () => [{ id: 'x', value: 1 }]);
      expect(evolved.sort(), named.join()).to.deep.equal(['both', 'to-1']);
    }
  });

  it('loads what a whole batch wants beyond its keys at once, as far as it can be told before', async () => {
    const loads: string[] = [];
    const still: TableView<Pair> = { ...counting, evolve: (row) => row };
    const beside: TableView<Pair> = { ...pointing, readsOf: ({ position }) => [{ table: LEFT, key: [`read-${position}`] }] };
    await fold(projectionOf(still, beside), feedOf(opened(), opened(), opened()), async (wanted, keys) => {
      loads.push(`${wanted.name}: ${keys.join(' ')}`);
      return stored(wanted, keys);
    });
    expect(loads).to.deep.equal(['left_hand: x', 'left_hand: read-1 read-2 read-3', 'right_hand: to-1 both']);
  });

  it('blames the event whose further rows cannot be told', async () => {
    const blind: TableView<Pair> = { ...pointing, furtherKeysOf: (_event, lookup) => [[`${lookup(LEFT, ['z'])?.value}`]] };
    const error = await fold(projectionOf(blind), events, stored).catch((reason: unknown) => reason);
    expect(error).to.have.property('name', 'PoisonEventError');
    expect(error)
      .to.have.property('message')
      .that.matches(/SlotOpened at position 1: row z of left_hand was not named/);
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
