import { expect } from 'chai';
import { MAX_APPEND_BYTES, type NewEvent } from '../../src/eventstore/event-store.ts';
import { createMemoryEventStore } from '../../src/eventstore/memory-store.ts';
import { acceptedOf, bookingOf, type CommandSide, commandSide, context, eventsOf, refusalOf, typesOf } from '../support/command-side.ts';
import { createFaultyStore, type FaultyStore } from '../support/faulty-store.ts';
import { book, cancel, change, confirm, HOUR, MINUTE, NOW, POLICY, seats, yard } from '../support/slot-builders.ts';

const LAPSED = NOW + 10 * MINUTE;
/** Holds of 400 units that no single append could record as lapsed. */
const MANY_GROUPS = 40;
const largest = { ...POLICY, maxUnitsPerBooking: 500 };

let clock = NOW;
let store: FaultyStore;
let commands: CommandSide;

function startAfresh(): void {
  clock = NOW;
  store = createFaultyStore(createMemoryEventStore({ now: () => clock }));
  commands = commandSide(store);
}

const bytesOf = (events: readonly NewEvent[]) =>
  events.reduce((sum, { data, metadata }) => sum + Buffer.byteLength(data) + Buffer.byteLength(metadata), 0);

describe('a hold that has lapsed', () => {
  beforeEach(async () => {
    startAfresh();
    await commands.open('hamlet');
    await commands.ask('hamlet', book('b1', ['A1']));
  });

  it('is alive to the last millisecond', async () => {
    clock = LAPSED - 1;

    expect(refusalOf(await commands.ask('hamlet', book('b2', ['A1'])))).to.have.property('kind', 'seats-taken');
    expect(bookingOf(await commands.ask('hamlet', confirm('b1'))).status).to.equal('CONFIRMED');
  });

  it('is free at that instant, and recorded in the same append as who takes it', async () => {
    clock = LAPSED;

    acceptedOf(await commands.ask('hamlet', book('b2', ['A1'])));

    expect(store.sent.at(-1)?.events.map(({ type }) => type)).to.deep.equal(['BookingExpired', 'BookingRequested', 'SeatsHeld']);
    const [lapse] = (await eventsOf(store, 'hamlet')).slice(3);
    expect(JSON.parse(lapse?.metadata ?? '')).to.include({ at: LAPSED, actor: 'system', commandId: null });
  });

  it('is recorded with a refusal as well', async () => {
    clock = LAPSED;

    const result = await commands.ask('hamlet', confirm('b1'));

    expect(refusalOf(result)).to.deep.include({ kind: 'hold-expired' });
    expect(result.place.version).to.equal(4);
    expect((await typesOf(store, 'hamlet')).at(-1)).to.equal('BookingExpired');
  });

  it('does not make the version stale that an operator has seen', async () => {
    clock = LAPSED;

    const result = await commands.execute('hamlet', { type: 'CloseSlot', reason: null }, context({ ifMatch: 3 }));

    expect(acceptedOf(result).slot).to.include({ status: 'CLOSED', version: 5 });
    const stale = await commands.execute('hamlet', { type: 'ReopenSlot', reason: null }, context({ ifMatch: 3 }));
    expect(refusalOf(stale)).to.deep.equal({ kind: 'stale-version', currentVersion: 5 });
  });
});

describe('a hold that grows by changes', () => {
  /** As long as the edge lets them be: a claim of one takes 573 bytes of JSON. */
  const names = Array.from({ length: 500 }, (_, index) => `${'🎫'.repeat(125)}${String(index).padStart(3, '0')}`);
  const add = (from: number, to: number) => commands.ask('arena', change('b1', { add: names.slice(from, to) }));

  beforeEach(async () => {
    startAfresh();
    await commands.open('arena', { units: names.map((unitId) => ({ unitId, category: 'gold', price: 4500 })), policy: largest });
  });

  it('never stands in the way of the slot once it has lapsed', async () => {
    acceptedOf(await commands.ask('arena', book('b1', names.slice(0, 182))));
    acceptedOf(await add(182, 364));
    const tooMuch = await add(364, 500);
    clock = LAPSED;

    acceptedOf(await commands.ask('arena', { type: 'CloseSlot', reason: null }));

    expect((await typesOf(store, 'arena')).slice(-2)).to.deep.equal(['BookingExpired', 'SlotClosed']);
    expect(refusalOf(tooMuch)).to.deep.include({ kind: 'limit-exceeded' });
  });

  it('can be extended, paid and cancelled at its largest, with the longest texts there are', async () => {
    const customerId = '🎫'.repeat(128);
    acceptedOf(await commands.ask('arena', book('b1', names.slice(0, 182), { customerId })));
    acceptedOf(await add(182, 364));
    expect(bookingOf(await add(364, 428)).claims).to.have.length(428);
    expect(refusalOf(await add(428, 429))).to.have.property('kind', 'limit-exceeded');

    acceptedOf(await commands.ask('arena', { type: 'ExtendHold', bookingId: 'b1', seconds: 1_200 }));
    acceptedOf(await commands.ask('arena', confirm('b1', '🎫'.repeat(128))));
    // Of what may stand in a reason, control characters take most in JSON.
    acceptedOf(await commands.ask('arena', cancel('b1', null, '\u0001'.repeat(500))));
  });
});

describe('a wave of lapsed holds', () => {
  beforeEach(startAfresh);

  it('is recorded in bounded appends, and the new hold succeeds at once', async () => {
    await commands.open('arena', { units: [yard(5_000)] });
    await Promise.all(Array.from({ length: 5_000 }, (_, index) => commands.ask('arena', book(`b${index}`, ['yard']))));
    expect(refusalOf(await commands.ask('arena', book('early', ['yard'])))).to.have.property('kind', 'seats-taken');
    const before = store.sent.length;
    clock = LAPSED;

    acceptedOf(await commands.ask('arena', book('late', [['yard', 10]])));

    const appends = store.sent.slice(before);
    expect(appends.length).to.be.greaterThan(2);
    for (const { events } of appends) expect(bytesOf(events)).to.be.at.most(MAX_APPEND_BYTES);
    const types = (await typesOf(store, 'arena')).slice(10_001);
    expect(types.filter((type) => type === 'BookingExpired')).to.have.length(5_000);
    expect(types.slice(-2)).to.deep.equal(['BookingRequested', 'SeatsHeld']);
    expect(await typesOf(store, 'arena')).to.have.length(15_003);
  });

  it('stays in bounds when every hold has hundreds of units', async () => {
    await openArena();
    for (let group = 0; group < MANY_GROUPS; group += 1) await commands.ask('arena', book(`g${group}`, groupOf(group)));
    const before = store.sent.length;
    clock = LAPSED;

    acceptedOf(await commands.ask('arena', book('late', groupOf(0))));

    for (const { events } of store.sent.slice(before)) expect(bytesOf(events)).to.be.at.most(MAX_APPEND_BYTES);
    expect((await typesOf(store, 'arena')).filter((type) => type === 'BookingExpired')).to.have.length(MANY_GROUPS);
  });

  it('stays in bounds for an instance whose clock is behind the stream', async () => {
    await openArena();
    acceptedOf(await commands.ask('arena', { type: 'AddUnits', units: [yard(10)] }));
    for (let group = 0; group < MANY_GROUPS; group += 1) await commands.ask('arena', book(`g${group}`, groupOf(group)));
    // Another instance, ahead by five seconds, records a first part of the wave and falls silent.
    clock = LAPSED + 5_000;
    const ahead = commands.ask('arena', book('b-ahead', ['yard']));
    const gate = store.holdNextAppend('slot-arena');
    await gate.reached;
    store.failNext('slot-arena', () => Promise.resolve(), 'unavailable');
    gate.open();
    await ahead.catch(() => undefined);
    const recorded = (await typesOf(store, 'arena')).filter((type) => type === 'BookingExpired').length;
    expect(recorded, 'a part of the wave').to.be.within(1, MANY_GROUPS - 1);
    clock = LAPSED - 1;

    acceptedOf(await commands.ask('arena', book('b-behind', ['yard'])));

    expect((await typesOf(store, 'arena')).filter((type) => type === 'BookingExpired')).to.have.length(MANY_GROUPS);
    const times = (await eventsOf(store, 'arena')).map(({ metadata }) => JSON.parse(metadata).at as number);
    expect(times, 'stream time never runs backwards').to.deep.equal([...times].sort((a, b) => a - b));
  });

  async function openArena(): Promise<void> {
    const all = seats(MANY_GROUPS * 400).map(({ unitId }) => ({ unitId, category: 'gold', price: 1 }));
    await commands.open('arena', { units: all.slice(0, 8_000), policy: largest });
    acceptedOf(await commands.ask('arena', { type: 'AddUnits', units: all.slice(8_000) }));
  }

  const groupOf = (group: number) => Array.from({ length: 400 }, (_, index) => `A${group * 400 + index + 1}`);
});

describe('stream time', () => {
  beforeEach(startAfresh);

  it('gives a hold its full life even when the clock is set back', async () => {
    await commands.open('hamlet');
    clock = NOW + HOUR;
    await commands.ask('hamlet', book('b1', ['A1']));
    clock = NOW;

    const second = bookingOf(await commands.ask('hamlet', book('b2', ['A2'])));
    const cancelled = bookingOf(await commands.ask('hamlet', cancel('b1')));

    expect(second.requestedAt).to.equal(NOW + HOUR);
    expect(second.expiresAt).to.equal(NOW + HOUR + 10 * MINUTE);
    expect(cancelled.released).to.deep.include({ unitId: 'A1', quantity: 1, reason: 'cancelled', at: NOW + HOUR });
  });
});
