import { expect } from 'chai';
import { TooMuchContentionError } from '../../src/commands/command-service.ts';
import type { SlotCommand } from '../../src/domain/slot/commands.ts';
import { createMemoryEventStore } from '../../src/eventstore/memory-store.ts';
import {
  acceptedOf,
  bookingOf,
  type CommandSide,
  commandSide,
  eventsOf,
  refusalOf,
  rejectionOf,
  typesOf,
} from '../support/command-side.ts';
import { createFaultyStore, type FaultyStore } from '../support/faulty-store.ts';
import { holdClock } from '../support/held-clock.ts';
import { book, cancel, change, confirm, NOW, seats } from '../support/slot-builders.ts';

describe('a slot on which another instance was faster', () => {
  let store: FaultyStore;
  let commands: CommandSide;
  /** Another instance on the same log; what it does meets no faults. */
  let other: CommandSide;

  beforeEach(async () => {
    const memory = createMemoryEventStore({ now: () => NOW });
    store = createFaultyStore(memory);
    commands = commandSide(store);
    other = commandSide(memory);
    await commands.open('hamlet', { units: seats(10) });
  });

  /** The next append of this instance comes too late by these commands of the other one. */
  const overtakenBy = (...asked: readonly SlotCommand[]) =>
    store.failNext('slot-hamlet', async () => {
      for (const one of asked) acceptedOf(await other.ask('hamlet', one));
    });

  it('takes its decisions back, applies what happened, and decides again', async () => {
    overtakenBy(book('theirs', ['A1', 'A2']));

    const results = await Promise.all([commands.ask('hamlet', book('b1', ['A1'])), commands.ask('hamlet', book('b2', ['A3']))]);

    expect(refusalOf(results[0])).to.deep.equal({ kind: 'seats-taken', unavailable: [{ unitId: 'A1', status: 'held' }] });
    expect(bookingOf(results[1])).to.deep.include({ bookingId: 'b2', version: 5 });
    expect(await typesOf(store, 'hamlet')).to.deep.equal(['SlotOpened', 'BookingRequested', 'SeatsHeld', 'BookingRequested', 'SeatsHeld']);
  });

  it('gives every decision a new event id, so that it is not taken for a resend', async () => {
    overtakenBy(book('theirs', ['A1']));

    await commands.ask('hamlet', book('b1', ['A2']));

    const tries = store.sent.slice(1).map(({ events }) => events.map(({ eventId }) => eventId));
    expect(tries).to.have.length(2);
    expect(new Set(tries.flat()).size).to.equal(4);
  });

  it('decides a refusal again that rested on a decision of the same lost append', async () => {
    overtakenBy(book('theirs', ['A1']), cancel('theirs'), book('theirs-too', ['A3']));

    const results = await Promise.all([
      // Wins at first, and loses A3 to the other instance: so b2, refused at first, must get A1.
      commands.ask('hamlet', book('b1', ['A1', 'A3'])),
      commands.ask('hamlet', book('b2', ['A1'])),
    ]);

    expect(refusalOf(results[0])).to.deep.include({ kind: 'seats-taken', unavailable: [{ unitId: 'A3', status: 'held' }] });
    expect(bookingOf(results[1]).claims).to.have.length(1);
  });

  it('does not reject for good what only broke on a decision that was lost', async () => {
    const fragile = book('fragile', ['A2']);
    const unreadable = new Proxy(fragile, {
      get: (target, property) => {
        if (property === 'selection' && commandsDecided++ === 0) throw new Error('planned: broke the first time');
        return Reflect.get(target, property);
      },
    });
    let commandsDecided = 0;
    overtakenBy(book('theirs', ['A1']));

    const [broken, sound] = await Promise.allSettled([commands.ask('hamlet', unreadable), commands.ask('hamlet', book('b1', ['A3']))]);

    expect(sound).to.have.property('status', 'fulfilled');
    const isBooked = (await eventsOf(store, 'hamlet')).some(({ data }) => data.includes('fragile'));
    expect(isBooked, 'booked exactly if it was answered so').to.equal(broken?.status === 'fulfilled');
  });

  it('never refuses on an old state: what another instance gave back is there to be had', async () => {
    acceptedOf(await commands.ask('hamlet', book('b1', ['A1'])));
    acceptedOf(await other.ask('hamlet', cancel('b1')));

    expect(bookingOf(await commands.ask('hamlet', book('b2', ['A1']))).claims).to.have.length(1);
  });

  it('never says on an old state that all is as asked', async () => {
    acceptedOf(await commands.ask('hamlet', book('b1', ['A1'])));
    acceptedOf(await commands.ask('hamlet', confirm('b1')));
    acceptedOf(await other.ask('hamlet', cancel('b1')));

    expect(refusalOf(await commands.ask('hamlet', confirm('b1')))).to.have.property('kind', 'already-released');
  });

  it('knows bookings that another instance made', async () => {
    acceptedOf(await commands.ask('hamlet', book('warm', ['A9'])));
    acceptedOf(await other.ask('hamlet', book('theirs', ['A1'])));

    const changed = bookingOf(await commands.ask('hamlet', change('theirs', { add: ['A2'] })));

    expect(changed.claims.map(({ unitId }) => unitId)).to.deep.equal(['A1', 'A2']);
    expect(bookingOf(await commands.ask('hamlet', confirm('theirs')))).to.have.property('status', 'CONFIRMED');
  });

  it('names in a refusal the version of the state that refused', async () => {
    acceptedOf(await other.ask('hamlet', book('theirs', ['A1'])));

    const result = await commands.ask('hamlet', book('b1', ['A1']));

    expect(result.place).to.deep.equal({ position: 3, streamId: 'slot-hamlet', version: 3 });
    expect(commands.attempts).to.deep.include({
      slotId: 'hamlet',
      bookingId: null,
      customerId: 'c-17',
      unitIds: ['A1'],
      code: 'seats-taken',
      asked: '{"type":"RequestBooking","customerId":"c-17","units":[{"unitId":"A1","quantity":1}]}',
      slotVersion: 3,
      actor: 'tester',
      correlationId: 'test',
    });
  });

  it('takes the fair, locked way after two conflicts, and comes back to the common one, wherever the machine puts its clock', async () => {
    const clock = holdClock();
    const today = Date.now;
    try {
      overtakenBy(book('t1', ['A1']));
      overtakenBy(book('t2', ['A2']));

      acceptedOf(await commands.ask('hamlet', book('b1', ['A3'])));
      acceptedOf(await commands.ask('hamlet', book('b2', ['A4'])));
      Date.now = () => today() - 3_600_000;
      clock.pass(3_000);
      acceptedOf(await commands.ask('hamlet', book('b3', ['A5'])));
    } finally {
      Date.now = today;
      clock.letGo();
    }

    expect(store.sent.slice(1).map(({ locked }) => locked)).to.deep.equal([false, false, true, true, false]);
    expect(await typesOf(store, 'hamlet')).to.have.length(11);
  });

  it('keeps its rules when the locked way finds more in the log, or nothing to write', async () => {
    overtakenBy(book('t1', ['A1']));
    overtakenBy(book('t2', ['A2']));
    acceptedOf(await commands.ask('hamlet', book('b1', ['A3'])));
    overtakenBy(book('t3', ['A4', 'A5']));

    const results = await Promise.all([commands.ask('hamlet', book('b2', ['A4'])), commands.ask('hamlet', book('b3', ['A6']))]);
    const refused = await commands.ask('hamlet', book('b4', ['A5']));

    expect(results.map(({ kind }) => kind)).to.deep.equal(['refused', 'accepted']);
    expect(refusalOf(refused)).to.deep.include({ unavailable: [{ unitId: 'A5', status: 'held' }] });
    expect(await typesOf(store, 'hamlet')).to.have.length(11);
  });

  it('answers refusals while another instance writes all the time', async () => {
    acceptedOf(await commands.ask('hamlet', book('b1', ['A1'])));
    let beat = 0;
    const read = store.readStream;
    store.readStream = async (streamId, fromVersion, limit) => {
      beat += 1;
      acceptedOf(await other.ask('hamlet', beat % 2 === 1 ? book(`t${beat}`, ['A9']) : cancel(`t${beat - 1}`)));
      return read(streamId, fromVersion, limit);
    };

    const answer = await commands.ask('hamlet', book('b2', ['A1'])).catch((error: unknown) => error);

    expect(answer).to.not.be.instanceOf(TooMuchContentionError);
    expect(answer).to.have.property('kind', 'refused');
    expect(beat, 'reads that one refusal took').to.be.at.most(3);
  });

  it('gives up within its bound of tries, and writes nothing', async function () {
    this.timeout(10_000);
    await commands.open('rush', { units: seats(50) });
    let theirs = 0;
    const overtaken = async () => {
      theirs += 1;
      acceptedOf(await other.ask('rush', book(`t${theirs}`, [`A${theirs}`])));
    };
    // Two conflicts, and then a locked commit each time that gets lost before another instance writes.
    const tries = Array.from({ length: 12 }, () => ['request-lost', overtaken] as const).flat();
    store.failNext('slot-rush', overtaken, overtaken, ...tries);

    const error = await rejectionOf(commands.ask('rush', book('b1', ['A50'])));

    expect(error).to.be.instanceOf(TooMuchContentionError);
    expect(theirs, 'tries').to.equal(12);
    expect(await typesOf(store, 'rush')).to.have.length(1 + 2 * 12);
  });
});
