import { expect } from 'chai';
import type { LayoutEvent } from '../../src/domain/layout.ts';
import type { SlotEvent } from '../../src/domain/slot/events.ts';
import type { SlotFact } from '../../src/domain/slot/evolve.ts';
import { fold } from '../../src/projections/fold.ts';
import type { FeedEvent, Key, Projection, Row, Table } from '../../src/projections/projection.ts';
import { NOW } from './slot-builders.ts';

/** An event of the slot `hamlet` at NOW, a fact that says when, a list of either, or an event of another stream. */
export type Told = SlotEvent | SlotFact | readonly (SlotEvent | SlotFact)[] | OnStream;

export interface OnStream {
  readonly streamId: string;
  readonly events: readonly (SlotEvent | LayoutEvent)[];
}

/** The log that the events make, in order, from position 1. */
export function feedOf(...told: readonly Told[]): readonly FeedEvent[] {
  const versions = new Map<string, number>();
  const feed: FeedEvent[] = [];
  const add = (streamId: string, event: SlotEvent | LayoutEvent, at: number) => {
    const version = (versions.get(streamId) ?? 0) + 1;
    versions.set(streamId, version);
    feed.push({ position: feed.length + 1, streamId, version, eventId: `event-${feed.length + 1}`, at, event });
  };
  for (const item of told) {
    if ('streamId' in item) for (const event of item.events) add(item.streamId, event, NOW);
    else
      for (const one of [item].flat() as (SlotEvent | SlotFact)[])
        'event' in one ? add('slot-hamlet', one.event, one.at) : add('slot-hamlet', one, NOW);
  }
  return feed;
}

/** `given(projection, events…).then(table, rows…)`: a projection's tests in one shape. */
export function given(projection: Projection, ...told: readonly Told[]): GivenFeed {
  return new GivenFeed(projection, feedOf(...told));
}

class GivenFeed {
  private readonly projection: Projection;
  private readonly feed: readonly FeedEvent[];

  constructor(projection: Projection, feed: readonly FeedEvent[]) {
    this.projection = projection;
    this.feed = feed;
  }

  /** The table holds as many rows as are given, in the order of their keys, each with at least these properties. */
  async thenRows<R extends Row>(table: Table<R>, ...expected: readonly Partial<R>[]): Promise<void> {
    const rows = await rowsIn(this.projection, table, [this.feed]);
    expect(
      await rowsIn(
        this.projection,
        table,
        this.feed.map((event) => [event]),
      ),
      'batches make no difference',
    ).to.deep.equal(rows);
    expect(rows.map((row, index) => pick(row, expected[index] ?? {}))).to.deep.equal(expected);
  }

  /** Folding fails at this event. */
  async thenFails(message: RegExp): Promise<void> {
    const error = await rowsIn(this.projection, (this.projection.tables[0] as { table: Table<Row> }).table, [this.feed]).then(
      () => null,
      (reason: Error) => reason,
    );
    expect(error).to.be.an.instanceOf(Error).with.property('message').that.matches(message);
  }
}

async function rowsIn(projection: Projection, table: Table<Row>, batches: readonly (readonly FeedEvent[])[]): Promise<readonly Row[]> {
  const tables = new Map<string, Map<string, Row>>();
  const rowsOf = (name: string) => tables.get(name) ?? tables.set(name, new Map()).get(name)!;
  for (const batch of batches) {
    const load = async ({ name }: Table<Row>, keys: readonly Key[]) =>
      keys.flatMap((key) => structuredClone(rowsOf(name).get(JSON.stringify(key)) ?? []) as Row[]);
    for (const { table: at, added, changed, removed } of await fold(projection, batch, load)) {
      for (const row of [...added, ...changed]) rowsOf(at.name).set(JSON.stringify(at.key.map((property) => row[property])), row);
      for (const key of removed) rowsOf(at.name).delete(JSON.stringify(key));
    }
  }
  return [...rowsOf(table.name)].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, row]) => row);
}

function pick(row: Row, wanted: Row): Row {
  return Object.keys(wanted).length === 0 ? row : Object.fromEntries(Object.keys(wanted).map((property) => [property, row[property]]));
}
