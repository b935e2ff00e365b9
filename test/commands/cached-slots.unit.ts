import { expect } from 'chai';
import { createMemoryEventStore } from '../../src/eventstore/memory-store.ts';
import { acceptedOf, bookingOf, commandSide, isSettled, refusalOf, typesOf } from '../support/command-side.ts';
import { createFaultyStore, type FaultyStore } from '../support/faulty-store.ts';
import { book, cancel, confirm, NOW, POLICY, seats } from '../support/slot-builders.ts';

/** Room for the states of two or three slots of ten seats. */
const LITTLE = 30_000;

describe('the states of slots in memory', () => {
  let store: FaultyStore;
  const names = Array.from({ length: 8 }, (_, index) => `slot${index}`);

  beforeEach(() => {
    store = createFaultyStore(createMemoryEventStore({ now: () => NOW }));
  });

  const readsOf = (slotId: string) => store.reads.filter(({ streamId }) => streamId === `slot-${slotId}`).length;

  it('stay while there is room, so that an accepted command reads nothing', async () => {
    const commands = commandSide(store);
    for (const slotId of names) await commands.open(slotId, { units: seats(10) });
    const before = store.reads.length;

    for (const slotId of names) acceptedOf(await commands.ask(slotId, book('b1', ['A1'])));

    expect(store.reads).to.have.length(before);
  });

  it('go when there is no more room, those unused for the longest time first', async () => {
    const commands = commandSide(store, { maxCachedBytes: LITTLE });
    for (const slotId of names) await commands.open(slotId, { units: seats(10) });
    const before = names.map(readsOf);

    for (const slotId of ['slot7', 'slot6', 'slot0']) acceptedOf(await commands.ask(slotId, book('b1', ['A1'])));

    expect([7, 6, 0].map((index) => readsOf(names[index] as string) - (before[index] as number))).to.deep.equal([0, 0, 1]);
  });

  it('stay while the slot is in use, however many others come and go', async () => {
    const commands = commandSide(store, { maxCachedBytes: LITTLE });
    await commands.open('hamlet', { units: seats(10) });
    const before = readsOf('hamlet');

    for (const [index, slotId] of names.entries()) {
      await commands.open(slotId, { units: seats(10) });
      acceptedOf(await commands.ask('hamlet', book(`b${index}`, [`A${index + 1}`])));
    }

    expect(readsOf('hamlet')).to.equal(before);
  });

  it('make room by what they take: one large slot outweighs many small ones', async () => {
    const commands = commandSide(store, { maxCachedBytes: 200_000 });
    for (const slotId of names) await commands.open(slotId, { units: seats(10) });
    await commands.open('arena', { units: seats(2_000) });
    const before = readsOf('slot7');

    acceptedOf(await commands.ask('slot7', book('b1', ['A1'])));

    expect(readsOf('slot7') - before).to.equal(1);
  });

  it('make room by what bookings take, ended ones of many seats included', async () => {
    const commands = commandSide(store, { maxCachedBytes: 150_000 });
    const hall = seats(100);
    const whole = hall.map(({ unitId }) => unitId);
    await commands.open('arena', { units: hall, policy: { ...POLICY, maxUnitsPerBooking: 100 } });
    for (let number = 1; number <= 30; number += 1) {
      acceptedOf(await commands.ask('arena', book(`b${number}`, whole)));
      acceptedOf(await commands.ask('arena', cancel(`b${number}`)));
    }
    // Room is made when nobody wants the slot any more.
    await new Promise(setImmediate);
    const before = readsOf('arena');

    acceptedOf(await commands.ask('arena', book('last', ['A1'])));

    expect(readsOf('arena') - before).to.equal(1);
  });

  it('can go at any time without a change in what is decided', async () => {
    const commands = commandSide(store, { maxCachedBytes: 0 });
    for (const slotId of names) await commands.open(slotId, { units: seats(4) });

    for (const slotId of names) {
      acceptedOf(await commands.ask(slotId, book('b1', ['A1', 'A2'])));
      expect(refusalOf(await commands.ask(slotId, book('b2', ['A2'])))).to.have.property('kind', 'seats-taken');
      acceptedOf(await commands.ask(slotId, confirm('b1')));
      expect(bookingOf(await commands.ask(slotId, cancel('b1', ['A2']))).claims).to.have.length(1);
      acceptedOf(await commands.ask(slotId, book('b2', ['A2'])));
      expect(await typesOf(store, slotId)).to.have.length(7);
    }
  });

  it('never go while the slot is busy: its next command still waits for the append in flight', async () => {
    const commands = commandSide(store, { maxCachedBytes: 0 });
    for (const slotId of names) await commands.open(slotId, { units: seats(4) });
    const gate = store.holdNextAppend('slot-slot0');
    const first = commands.ask('slot0', book('b1', ['A1']));
    await gate.reached;
    for (const slotId of names.slice(1)) acceptedOf(await commands.ask(slotId, book('b1', ['A1'])));

    const second = commands.ask('slot0', book('b2', ['A1']));

    expect(await isSettled(second)).to.equal(false);
    gate.open();
    acceptedOf(await first);
    expect(refusalOf(await second)).to.have.property('kind', 'seats-taken');
    expect(store.mostInFlight).to.equal(1);
  });
});
