import { expect } from 'chai';
import { TooMuchContentionError } from '../../src/commands/command-service.ts';
import { MAX_WAITING } from '../../src/commands/slot-queue.ts';
import type { SlotCommand } from '../../src/domain/slot/commands.ts';
import { MAX_APPEND_BYTES } from '../../src/eventstore/event-store.ts';
import { createMemoryEventStore } from '../../src/eventstore/memory-store.ts';
import {
  acceptedOf,
  bookingOf,
  type CommandSide,
  commandSide,
  isSettled,
  refusalOf,
  rejectionOf,
  typesOf,
} from '../support/command-side.ts';
import { createFaultyStore, type FaultyStore } from '../support/faulty-store.ts';
import { type HeldClock, holdClock } from '../support/held-clock.ts';
import { book, NOW, openSlot, POLICY, quantities, seat, seats, yard } from '../support/slot-builders.ts';

/** No decider can make anything of it. */
const BROKEN = { ...book('broken', []), selection: { kind: 'units', units: null } } as unknown as SlotCommand;

describe('a slot with many commands waiting', () => {
  let clock: HeldClock;
  let store: FaultyStore;
  let commands: CommandSide;

  beforeEach(async () => {
    // How fast this machine is must not tell how many are decided together.
    clock = holdClock();
    store = createFaultyStore(createMemoryEventStore({ now: () => NOW }));
    commands = commandSide(store);
    await commands.open('hamlet', { units: seats(100) });
    await commands.open('lear', { units: seats(100) });
  });

  afterEach(() => clock.letGo());

  it('decides those that came together in one append', async () => {
    const before = store.sent.length;

    const results = await Promise.all(seats(100).map(({ unitId }) => commands.ask('hamlet', book(`b-${unitId}`, [unitId]))));

    expect(store.sent.slice(before).map(({ events }) => events.length)).to.deep.equal([200]);
    expect(results.map((result) => bookingOf(result).version)).to.deep.equal(results.map((_, index) => 3 + 2 * index));
    expect(results.map(({ place }) => place.version)).to.deep.equal(results.map((_, index) => 3 + 2 * index));
  });

  it('tells each command the log position of its own last event', async () => {
    const results = await Promise.all(seats(3).map(({ unitId }) => commands.ask('lear', book(`b-${unitId}`, [unitId]))));

    const log = await store.readFeed(0, 100);
    for (const { place } of results) expect(log[place.position - 1]).to.deep.include({ streamId: 'slot-lear', version: place.version });
  });

  it('decides in the order in which they came', async () => {
    const results = await Promise.all(
      [book('b1', ['A1']), book('b2', ['A1']), book('b3', ['A1'])].map((one) => commands.ask('hamlet', one)),
    );

    expect(results.map(({ kind }) => kind)).to.deep.equal(['accepted', 'refused', 'refused']);
  });

  it('never has two appends in flight, and decides what came meanwhile in the next one', async () => {
    const gate = store.holdNextAppend('slot-hamlet');
    const first = commands.ask('hamlet', book('b1', ['A1']));
    await gate.reached;
    const later = seats(20).map(({ unitId }) => commands.ask('hamlet', book(`later-${unitId}`, [unitId])));

    expect(await isSettled(Promise.race(later)), 'a later command is decided').to.equal(false);
    const sentMeanwhile = store.sent.length;
    gate.open();
    await first;
    const results = await Promise.all(later);

    expect(store.sent.length - sentMeanwhile).to.equal(1);
    expect(store.mostInFlight).to.equal(1);
    expect(results.filter(({ kind }) => kind === 'accepted')).to.have.length(19);
  });

  it('lets the commands of other slots go on meanwhile', async () => {
    const gate = store.holdNextAppend('slot-hamlet');
    const held = commands.ask('hamlet', book('b1', ['A1']));
    await gate.reached;

    acceptedOf(await commands.ask('lear', book('b2', ['A1'])));

    expect(await isSettled(held)).to.equal(false);
    gate.open();
    acceptedOf(await held);
  });

  it('rejects a command whose decision throws, alone and without a trace', async () => {
    const [before, broken, after] = await Promise.allSettled([
      commands.ask('hamlet', book('b1', ['A1'])),
      commands.ask('hamlet', BROKEN),
      commands.ask('hamlet', book('b2', ['A2'])),
    ]);

    expect(broken).to.have.property('status', 'rejected');
    expect(before).to.have.property('status', 'fulfilled');
    expect(after).to.have.property('status', 'fulfilled');
    expect((await typesOf(store, 'hamlet')).slice(1)).to.deep.equal(['BookingRequested', 'SeatsHeld', 'BookingRequested', 'SeatsHeld']);
  });

  it('tells one that is too many at once that there is too much contention', async () => {
    const gate = store.holdNextAppend('slot-hamlet');
    const first = commands.ask('hamlet', book('b1', ['A1']));
    await gate.reached;
    const waiting = Array.from({ length: MAX_WAITING }, (_, index) => commands.ask('hamlet', book(`w${index}`, ['A2'])));

    const error = await rejectionOf(commands.ask('hamlet', book('one-too-many', ['A3'])));

    expect(error).to.be.instanceOf(TooMuchContentionError);
    gate.open();
    acceptedOf(await first);
    const results = await Promise.all(waiting);
    expect(results.filter(({ kind }) => kind === 'accepted')).to.have.length(1);
    expect(await typesOf(store, 'hamlet')).to.have.length(5);
  });

  it('tells those that waited too long the same, and decides the others', async () => {
    const gate = store.holdNextAppend('slot-hamlet');
    const first = commands.ask('hamlet', book('b1', ['A1']));
    await gate.reached;
    const late = [commands.ask('hamlet', book('late1', ['A2'])), commands.ask('hamlet', book('late2', ['A3']))].map(rejectionOf);
    clock.pass(16_000);
    const fresh = commands.ask('hamlet', book('fresh', ['A2']));
    gate.open();

    for (const error of await Promise.all(late)) expect(error).to.be.instanceOf(TooMuchContentionError);
    acceptedOf(await first);
    acceptedOf(await fresh);
    expect(await typesOf(store, 'hamlet')).to.have.length(5);
  });

  it('has nobody wait for less when the clock of the machine is set forward', async () => {
    const gate = store.holdNextAppend('slot-hamlet');
    const first = commands.ask('hamlet', book('b1', ['A1']));
    await gate.reached;
    const waiting = commands.ask('hamlet', book('b2', ['A2']));
    const today = Date.now;
    try {
      Date.now = () => today() + 20_000;
      gate.open();

      acceptedOf(await first);
      acceptedOf(await waiting);
    } finally {
      Date.now = today;
    }
  });

  it('gives the queue up only for the commands at fault when the store is out of reach, and reads the log again', async () => {
    store.failNext('slot-hamlet', 'unavailable');
    const error = await rejectionOf(commands.ask('hamlet', book('b1', ['A1'])));
    const readsBefore = store.reads.length;

    acceptedOf(await commands.ask('hamlet', book('b2', ['A1'])));

    expect(error).to.have.property('name', 'StoreUnavailableError');
    expect(store.reads.length, 'the log was asked').to.be.greaterThan(readsBefore);
  });
});

describe('appends and their bound of bytes', () => {
  const wordy = { metadata: { note: 'x'.repeat(20_000) } };
  let store: FaultyStore;
  let commands: CommandSide;

  beforeEach(async () => {
    store = createFaultyStore(createMemoryEventStore({ now: () => NOW }));
    commands = commandSide(store);
    await commands.open('hamlet', { units: seats(60) });
  });

  const bytesOf = (events: readonly { readonly data: string; readonly metadata: string }[]) =>
    events.reduce((sum, { data, metadata }) => sum + Buffer.byteLength(data) + Buffer.byteLength(metadata), 0);

  it('splits commands that do not fit into one append, in their order', async () => {
    const before = store.sent.length;

    const results = await Promise.all(seats(60).map(({ unitId }) => commands.ask('hamlet', book(`b-${unitId}`, [unitId], wordy))));

    const appends = store.sent.slice(before);
    expect(appends).to.have.length(3);
    for (const { events } of appends) expect(bytesOf(events)).to.be.at.most(MAX_APPEND_BYTES);
    expect(results.map((result) => bookingOf(result).version)).to.deep.equal(results.map((_, index) => 3 + 2 * index));
  });

  it('refuses a single command that no append can hold, and writes nothing of it', async () => {
    const tooMany = Array.from({ length: 30 }, (_, index) => seat(`B${index}`, { metadata: { note: 'y'.repeat(20_000) } }));

    const [before, result, after] = await Promise.all([
      commands.ask('hamlet', book('b1', ['A1'])),
      commands.ask('hamlet', { type: 'AddUnits', units: tooMany }),
      commands.ask('hamlet', book('b2', ['A2'])),
    ]);

    expect(refusalOf(result)).to.have.property('kind', 'limit-exceeded');
    acceptedOf(before);
    acceptedOf(after);
    expect(refusalOf(await commands.ask('hamlet', book('b3', ['B0'])))).to.have.property('kind', 'unknown-unit');
    expect(await typesOf(store, 'hamlet')).to.not.include('UnitsAdded');
  });

  it('refuses a single event that no store takes', async () => {
    const huge = seat('C1', { metadata: { note: 'z'.repeat(270_000) } });

    expect(refusalOf(await commands.ask('hamlet', { type: 'AddUnits', units: [huge] }))).to.have.property('kind', 'limit-exceeded');
    expect(refusalOf(await commands.ask('other', openSlot({ slotId: 'other', units: [huge] })))).to.have.property('kind', 'limit-exceeded');
    expect(await typesOf(store, 'other')).to.deep.equal([]);
    acceptedOf(await commands.open('other', { units: [yard(5)], policy: { ...POLICY, maxUnitsPerBooking: 5 } }));
    expect(bookingOf(await commands.ask('other', book('b1', [['yard', 5]]))).claims).to.deep.include.members([
      { ...quantities([['yard', 5]])[0], from: 0, to: 1, price: 500, amount: 2500 },
    ]);
  });
});
