import { expect } from 'chai';
import type { EventStore } from '../../src/eventstore/event-store.ts';
import { createMemoryEventStore } from '../../src/eventstore/memory-store.ts';
import { acceptedOf, bookingOf, type CommandSide, commandSide, keyed, refusalOf, typesOf } from '../support/command-side.ts';
import { book, cancel, change, confirm, DAY, HOUR, MINUTE, NOW, STARTS, seats } from '../support/slot-builders.ts';

describe('a booking that ended more than a day ago', () => {
  let clock = NOW;
  let memory: EventStore;
  let commands: CommandSide;

  beforeEach(async () => {
    clock = NOW;
    memory = createMemoryEventStore({ now: () => clock });
    commands = commandSide(memory);
    await commands.open('hamlet', { units: seats(10) });
    acceptedOf(await commands.execute('hamlet', book('expired', ['A1']), keyed('k-expired')));
    acceptedOf(await commands.ask('hamlet', book('cancelled', ['A2'])));
    acceptedOf(await commands.ask('hamlet', book('confirmed', ['A3'])));
    acceptedOf(await commands.ask('hamlet', confirm('confirmed')));
    acceptedOf(await commands.ask('hamlet', cancel('cancelled', null, 'ill')));
    clock = NOW + HOUR;
    acceptedOf(await commands.ask('hamlet', book('other', ['A4'], { confirm: { paymentReference: 'p' } })));
    clock = NOW + HOUR + DAY + MINUTE;
    // Forgetting goes with the events: the next ones bring the stream's time forward.
    acceptedOf(await commands.ask('hamlet', book('b5', ['A5'])));
  });

  it('is still told to have expired', async () => {
    for (const side of [commands, commandSide(memory)]) {
      const refusal = refusalOf(await side.ask('hamlet', confirm('expired')));

      expect(refusal).to.have.property('kind', 'hold-expired');
      expect(refusal).to.have.nested.property('booking.status', 'EXPIRED');
      expect(refusal).to.have.deep.nested.property('booking.released', [{ unitId: 'A1', quantity: 1, reason: 'expired', at: NOW + HOUR }]);
    }
    expect(commands.attempts.at(-1)).to.include({ bookingId: 'expired', code: 'hold-expired', customerId: 'c-17' });
  });

  it('is still told to have been released', async () => {
    expect(refusalOf(await commands.ask('hamlet', confirm('cancelled')))).to.have.property('kind', 'already-released');
    expect(refusalOf(await commands.ask('hamlet', change('cancelled', { add: ['A9'] })))).to.have.property('kind', 'already-released');
    expect(refusalOf(await commands.ask('hamlet', { type: 'ExtendHold', bookingId: 'cancelled', seconds: 60 }))).to.have.property(
      'kind',
      'already-released',
    );
  });

  it('may be cancelled once more, as before, without another event', async () => {
    const before = await typesOf(memory, 'hamlet');

    const again = bookingOf(await commands.ask('hamlet', cancel('cancelled')));

    expect(again).to.deep.include({ bookingId: 'cancelled', status: 'CANCELLED', claims: [] });
    expect(refusalOf(await commands.ask('hamlet', cancel('expired')))).to.have.property('kind', 'hold-expired');
    expect(await typesOf(memory, 'hamlet')).to.deep.equal(before);
  });

  it('has gone from the state with its keys, and one that lasts has not', async () => {
    const probe = acceptedOf(await commands.execute('hamlet', book('again', ['A1']), keyed('k-expired')));

    expect(probe.replayed, 'a key lives as long as its booking, and a day').to.equal(false);
    expect(bookingOf(await commands.ask('hamlet', cancel('confirmed'))).status).to.equal('CANCELLED');
    expect(clock).to.be.lessThan(STARTS);
  });

  it('is looked for together with all others that are asked for by then', async () => {
    let replays = 0;
    const watched: EventStore = {
      ...memory,
      readStream: (...asked) => {
        if (asked[1] === 1) replays += 1;
        return memory.readStream(...asked);
      },
    };
    const side = commandSide(watched);
    await side.ask('hamlet', book('b6', ['A6']));
    replays = 0;
    const unknown = Array.from({ length: 50 }, (_, index) => `never-${index}`);
    const asked = ['expired', ...unknown, 'cancelled'].map((bookingId) => side.ask('hamlet', confirm(bookingId)));

    const kinds = (await Promise.all(asked)).map((result) => refusalOf(result).kind);
    expect(kinds).to.deep.equal(['hold-expired', ...unknown.map(() => 'booking-not-found'), 'already-released']);
    expect(replays).to.equal(1);
  });

  it('is told from one that never was', async () => {
    expect(refusalOf(await commands.ask('hamlet', confirm('never')))).to.deep.equal({ kind: 'booking-not-found' });
    expect(refusalOf(await commands.ask('nowhere', confirm('never')))).to.deep.equal({ kind: 'booking-not-found' });
    expect(refusalOf(await commands.ask('nowhere', book('b1', ['A1'])))).to.deep.equal({ kind: 'slot-not-found' });
  });
});

describe('a booking that is asked for in a slot that has forgotten nothing', () => {
  it('is unknown without the log being read from its beginning, whatever ids are tried', async () => {
    const memory = createMemoryEventStore({ now: () => NOW });
    const readFrom: number[] = [];
    const watched: EventStore = Object.assign(Object.create(memory) as EventStore, {
      readStream: (...asked: Parameters<EventStore['readStream']>) => {
        readFrom.push(asked[1]);
        return memory.readStream(...asked);
      },
    });
    const commands = commandSide(watched);
    await commands.open('hamlet', { units: seats(2) });
    acceptedOf(await commands.ask('hamlet', book('b1', ['A1'])));
    acceptedOf(await commands.ask('hamlet', cancel('b1')));
    readFrom.length = 0;

    for (const bookingId of ['x', 'y']) {
      expect(refusalOf(await commands.ask('hamlet', confirm(bookingId)))).to.deep.equal({ kind: 'booking-not-found' });
    }
    expect(readFrom).to.not.include(1);
  });
});
