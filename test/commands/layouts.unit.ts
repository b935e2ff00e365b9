import { expect } from 'chai';
import { LayoutWriter } from '../../src/commands/layout-writer.ts';
import type { LayoutContent } from '../../src/domain/layout.ts';
import type { EventStore } from '../../src/eventstore/event-store.ts';
import { LayoutReader } from '../../src/eventstore/layout-reader.ts';
import { createMemoryEventStore } from '../../src/eventstore/memory-store.ts';
import {
  acceptedOf,
  bookingOf,
  type CommandSide,
  commandSide,
  context,
  keyed,
  refusalOf,
  rejectionOf,
  typesOf,
} from '../support/command-side.ts';
import { createFaultyStore, type FaultyStore } from '../support/faulty-store.ts';
import { book, bookBest, NOW, openSlot, seats } from '../support/slot-builders.ts';

/** Some 700 KiB: five events of units. */
const HALL: LayoutContent = {
  name: 'Great hall',
  focus: { x: 0, y: 0 },
  units: seats(6_000, { x: 1.5, y: 2.5, section: 'A section with a long name to make it large' }),
};

describe('a layout', () => {
  let memory: EventStore;
  let store: FaultyStore;
  let commands: CommandSide;
  let layoutId: string;
  let streamId: string;
  let length: number;

  beforeEach(async () => {
    memory = createMemoryEventStore({ now: () => NOW });
    store = createFaultyStore(memory);
    commands = commandSide(store);
    const elsewhere = await commandSide(createMemoryEventStore({ now: () => NOW })).defineLayout(HALL, context());
    layoutId = elsewhere.layoutId;
    streamId = `layout-${layoutId}`;
    length = elsewhere.place.version;
  });

  const opening = { slotId: 'hamlet', layoutId: 'set below', prices: { gold: 4_500 }, units: [] };
  const streamTypes = async () => (await memory.readStream(streamId, 1, 100)).map(({ type }) => type);
  const whole = () => ['LayoutDefined', ...Array.from({ length: length - 2 }, () => 'LayoutUnitsAdded'), 'LayoutCompleted'];

  it('is written once, in bounded appends, and the same again is the same', async () => {
    const first = await commands.defineLayout(HALL, context());
    const sent = store.sent.length;
    const again = await commands.defineLayout({ ...HALL }, context());
    const reordered = await commands.defineLayout({ units: HALL.units, focus: { y: 0, x: 0 }, name: HALL.name }, context());

    expect(first).to.deep.equal({ layoutId, units: 6_000, created: true, place: { position: length, streamId, version: length } });
    expect(again).to.deep.equal({ ...first, created: false });
    expect(reordered).to.deep.equal({ ...first, created: false });
    expect(store.sent).to.have.length(sent);
    expect(length).to.be.greaterThan(4);
    expect(await streamTypes()).to.deep.equal(whole());
  });

  it('was made for every repeat of the request that made it, and for no other', async () => {
    const gate = store.holdNextAppend(streamId);
    const overtaken = commands.defineLayout(HALL, keyed('k'));
    await gate.reached;
    const first = await commandSide(memory).defineLayout(HALL, keyed('k'));
    gate.open();

    expect(first.created).to.equal(true);
    expect(await overtaken).to.deep.equal(first);
    expect(await commands.defineLayout(HALL, keyed('k'))).to.deep.equal(first);
    expect(await commands.defineLayout(HALL, keyed('another'))).to.deep.equal({ ...first, created: false });
    expect(await commands.defineLayout(HALL, context())).to.deep.equal({ ...first, created: false });
  });

  it('stays in memory while a slot is being opened on it, however many others are too', async () => {
    // More units than are kept of layouts that nobody uses.
    const halls = ['North', 'South', 'West'].map((name): LayoutContent => ({ name, units: seats(100_000) }));
    const defined = await Promise.all(halls.map((hall) => commands.defineLayout(hall, context())));

    const opened = await Promise.all(
      defined.map((hall, index) => commands.open(`slot-${index}`, { layoutId: hall.layoutId, prices: { gold: 1 }, units: [] })),
    );

    expect(opened.map(({ kind }) => kind)).to.deep.equal(['accepted', 'accepted', 'accepted']);
  }).timeout(20_000);

  it('is let go of when nobody uses it and others need the room', async () => {
    const other = await commands.defineLayout({ ...HALL, name: 'Other hall' }, context());
    await commands.defineLayout(HALL, context());
    const reader = new LayoutReader(memory, HALL.units.length);
    await reader.whileLoaded(layoutId, () =>
      reader.whileLoaded(layoutId, async () => {
        await reader.load(other.layoutId);
      }),
    );
    expect([reader.isLoaded(layoutId), reader.isLoaded(other.layoutId)]).to.deep.equal([false, true]);
    await reader.whileLoaded(layoutId, async () => {
      await reader.load(other.layoutId);
      expect(reader.lookUp(layoutId).name).to.equal('Great hall');
    });
  });

  it('has another id as soon as anything in it differs', async () => {
    const others = await Promise.all(
      [
        { ...HALL, name: 'Small hall' },
        { ...HALL, units: HALL.units.slice(1) },
        { ...HALL, units: [...HALL.units].reverse() },
        { name: HALL.name, units: HALL.units },
      ].map((content) => commands.defineLayout(content, context())),
    );

    expect(new Set([layoutId, ...others.map((other) => other.layoutId)]).size).to.equal(5);
    for (const { created } of others) expect(created).to.equal(true);
  });

  it('is completed by the next one who defines it when its writer died half-way', async () => {
    store.failNext(streamId, () => Promise.resolve(), 'unavailable');
    await rejectionOf(commands.defineLayout(HALL, context()));
    expect(await streamTypes()).to.deep.equal(whole().slice(0, 2));
    acceptedOf(await commands.open('ready'));
    expect(refusalOf(await commands.ask('hamlet', openSlot({ ...opening, layoutId })))).to.have.property('kind', 'invalid-input');

    const resumed = await commands.defineLayout(HALL, context());

    expect(resumed).to.deep.include({ layoutId, created: true });
    expect(await streamTypes()).to.deep.equal(whole());
    acceptedOf(await commands.ask('hamlet', openSlot({ ...opening, layoutId })));
    expect((await new LayoutReader(memory).load(layoutId))?.units).to.deep.equal(HALL.units);
  });

  it('is written once by two writers at once, of whom one has created it; both tell where it ends', async () => {
    const results = await Promise.all(
      [commands, commandSide(memory), commandSide(memory)].map((side) => side.defineLayout(HALL, context())),
    );

    expect(results.map(({ created }) => created).filter(Boolean)).to.have.length(1);
    for (const { place } of results) expect(place).to.deep.equal({ position: length, streamId, version: length });
    expect(await streamTypes()).to.deep.equal(whole());
    expect((await new LayoutReader(memory).load(layoutId))?.units).to.deep.equal(HALL.units);
  });

  for (const [when, before] of [
    ['all the way', []],
    ['from its second append on', [() => Promise.resolve()]],
  ] as const) {
    it(`tells where it ends when another writer was faster ${when}, and leaves having created it to that one`, async () => {
      store.failNext(streamId, ...before, () => new LayoutWriter(memory).define(HALL, context()));

      const result = await commands.defineLayout(HALL, context());

      expect(result).to.deep.include({ created: false, place: { position: length, streamId, version: length } });
      expect(await streamTypes()).to.deep.equal(whole());
    });
  }

  it('that does not exist is a fault of the field that names it; nothing is written', async () => {
    const result = await commands.ask('hamlet', openSlot({ ...opening, layoutId: 'none' }));

    expect(refusalOf(result)).to.have.nested.property('fault.pointer', '/layoutId');
    expect(await typesOf(store, 'hamlet')).to.deep.equal([]);
  });

  it('is shared by its slots, in this process and after a restart, through a conflict and in the locked way', async () => {
    await commands.defineLayout(HALL, context());
    const other = commandSide(memory);
    const slotStream = 'slot-hamlet';
    acceptedOf(await commands.ask('warm', openSlot({ ...opening, slotId: 'warm', layoutId })));
    store.failNext(slotStream, () => other.ask('hamlet', openSlot({ ...opening, layoutId })));

    const late = await commandSide(store).ask('hamlet', openSlot({ ...opening, layoutId }));
    const booking = bookingOf(await commandSide(memory).ask('hamlet', bookBest('b1', 4, { adjacent: true })));

    expect(refusalOf(late)).to.deep.equal({ kind: 'slot-exists' });
    expect(booking.claims).to.have.length(4);
    expect(booking.claims[0]).to.include({ price: 4_500, amount: 4_500 });
    expect(refusalOf(await commands.ask('hamlet', book('b2', [booking.claims[0]?.unitId ?? ''])))).to.have.property('kind', 'seats-taken');
  });

  it('may have 100,000 units', async function () {
    this.timeout(20_000);
    const arena = { name: 'Arena', units: seats(100_000).map(({ unitId }) => ({ unitId, category: 'gold' })) };

    const { layoutId: arenaId, units } = await commands.defineLayout(arena, context());
    acceptedOf(await commands.ask('hamlet', openSlot({ ...opening, layoutId: arenaId })));

    expect(units).to.equal(100_000);
    expect(acceptedOf(await commands.ask('hamlet', book('b1', ['A100000']))).booking?.claims).to.have.length(1);
    for (const { events } of store.sent) expect(events.length).to.be.at.most(3);
  });
});
