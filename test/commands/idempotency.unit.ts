import { expect } from 'chai';
import type { CommandResult } from '../../src/commands/command-service.ts';
import type { SlotCommand } from '../../src/domain/slot/commands.ts';
import type { EventStore } from '../../src/eventstore/event-store.ts';
import { createMemoryEventStore } from '../../src/eventstore/memory-store.ts';
import { acceptedOf, bookingOf, type CommandSide, commandSide, context, keyed, refusalOf, typesOf } from '../support/command-side.ts';
import { createFaultyStore } from '../support/faulty-store.ts';
import { book, bookBest, cancel, change, confirm, NOW, openSlot, seats } from '../support/slot-builders.ts';

/** As an edge does it: the same key and body, but a new booking id for each request. */
let requests = 0;
const fresh = (quantity = 1): SlotCommand => {
  requests += 1;
  return bookBest(`request-${requests}`, quantity);
};

/** An answer without the mark that it was given again; its position may be a later one, which has seen more. */
const content = (result: CommandResult) => {
  const { streamId, version } = result.place;
  return { ...acceptedOf(result), replayed: null, place: { streamId, version } };
};

describe('an idempotency key', () => {
  let memory: EventStore;
  let commands: CommandSide;

  beforeEach(async () => {
    memory = createMemoryEventStore({ now: () => NOW });
    commands = commandSide(memory);
    await commands.open('hamlet', { units: seats(20) });
  });

  it('sent 100 times at once books once, and gets 100 equal answers', async () => {
    const results = await Promise.all(Array.from({ length: 100 }, () => commands.execute('hamlet', fresh(2), keyed('k'))));

    const [first] = results as [CommandResult];
    for (const result of results) expect(content(result)).to.deep.equal(content(first));
    expect(results.filter((result) => !acceptedOf(result).replayed)).to.have.length(1);
    expect(await typesOf(memory, 'hamlet')).to.have.length(3);
  });

  it('gets the answer again after a restart', async () => {
    const first = await commands.execute('hamlet', fresh(), keyed('k'));

    const again = await commandSide(memory).execute('hamlet', fresh(), keyed('k'));

    expect(acceptedOf(again).replayed).to.equal(true);
    expect(content(again)).to.deep.equal(content(first));
    expect(await typesOf(memory, 'hamlet')).to.have.length(3);
  });

  it('gets the answer given then after the booking was changed, confirmed and cancelled, and the slot filled', async () => {
    const held = await commands.execute('hamlet', fresh(2), keyed('hold'));
    const { bookingId } = bookingOf(held);
    const changed = await commands.execute('hamlet', change(bookingId, { add: ['A9'], drop: ['A10'] }), keyed('change'));
    const confirmed = await commands.execute('hamlet', confirm(bookingId), keyed('confirm'));
    const cancelled = await commands.execute('hamlet', cancel(bookingId, ['A9']), keyed('cancel'));
    acceptedOf(await commands.ask('hamlet', book('other', ['A5', 'A9'])));

    for (const side of [commands, commandSide(memory)]) {
      expect(content(await side.execute('hamlet', fresh(2), keyed('hold')))).to.deep.equal(content(held));
      expect(content(await side.execute('hamlet', change(bookingId, {}), keyed('change')))).to.deep.equal(content(changed));
      expect(content(await side.execute('hamlet', confirm(bookingId), keyed('confirm')))).to.deep.equal(content(confirmed));
      expect(content(await side.execute('hamlet', cancel(bookingId, ['A9']), keyed('cancel')))).to.deep.equal(content(cancelled));
    }
    expect(bookingOf(held)).to.include({ status: 'HELD', version: 3 });
    expect(bookingOf(cancelled)).to.include({ status: 'CONFIRMED', version: 6 });
    expect(await typesOf(memory, 'hamlet')).to.have.length(8);
  });

  it('gets the answer of a hold that was confirmed at once, whole', async () => {
    const paid = book('b1', ['A1'], { confirm: { paymentReference: 'pay-1' } });
    const first = await commands.execute('hamlet', paid, keyed('k'));
    acceptedOf(await commands.ask('hamlet', cancel('b1')));

    const again = await commands.execute('hamlet', paid, keyed('k'));

    expect(bookingOf(again)).to.include({ status: 'CONFIRMED', version: 4 });
    expect(content(again)).to.deep.equal(content(first));
  });

  it('with another body is refused, also of one that came at the same time', async () => {
    const [first, reused] = await Promise.all([
      commands.execute('hamlet', fresh(), keyed('k', 'body')),
      commands.execute('hamlet', fresh(), keyed('k', 'another body')),
    ]);
    const later = await commandSide(memory).execute('hamlet', fresh(), keyed('k', 'another body'));

    acceptedOf(first);
    expect(refusalOf(reused)).to.deep.equal({ kind: 'idempotency-key-reused' });
    expect(refusalOf(later)).to.deep.equal({ kind: 'idempotency-key-reused' });
    expect(commands.attempts.map(({ code }) => code)).to.deep.equal(['idempotency-key-reused']);
  });

  it('on another slot makes a booking of its own', async () => {
    await commands.open('lear', { units: seats(2) });

    const one = bookingOf(await commands.execute('hamlet', fresh(), keyed('k')));
    const two = bookingOf(await commands.execute('lear', fresh(), keyed('k')));

    expect(two.bookingId).to.not.equal(one.bookingId);
    expect(two).to.include({ slotId: 'lear', status: 'HELD' });
  });

  it('is not bound by a refusal: the next try is decided afresh', async () => {
    acceptedOf(await commands.ask('hamlet', book('b1', ['A1'])));
    const refused = await commands.execute('hamlet', book('b2', ['A1']), keyed('k'));
    acceptedOf(await commands.ask('hamlet', cancel('b1')));

    const retried = await commands.execute('hamlet', book('b3', ['A1']), keyed('k'));

    expect(refusalOf(refused)).to.have.property('kind', 'seats-taken');
    expect(acceptedOf(retried)).to.include({ replayed: false });
  });

  it('is looked at before If-Match: a replay is never stale', async () => {
    const withVersion = { ...keyed('k'), ifMatch: 1 };
    acceptedOf(await commands.execute('hamlet', fresh(), withVersion));

    const again = await commands.execute('hamlet', fresh(), withVersion);
    const other = await commands.execute('hamlet', fresh(), context({ ifMatch: 1 }));

    expect(acceptedOf(again).replayed).to.equal(true);
    expect(refusalOf(other)).to.deep.equal({ kind: 'stale-version', currentVersion: 3 });
  });

  it('books once when two instances get it at once', async () => {
    const slow = createFaultyStore(memory);
    const [here, there] = [commandSide(slow), commandSide(memory)];
    const gate = slow.holdNextAppend('slot-hamlet');
    const mine = here.execute('hamlet', fresh(), keyed('k'));
    await gate.reached;

    const theirs = await there.execute('hamlet', fresh(), keyed('k'));
    gate.open();

    expect(slow.sent, 'both had decided').to.have.length(1);
    expect(acceptedOf(await mine).replayed).to.equal(true);
    expect(content(await mine)).to.deep.equal(content(theirs));
    expect(await typesOf(memory, 'hamlet')).to.have.length(3);
  });

  it('opens a slot once, and gets its summary again as it was', async () => {
    const opening = openSlot({ slotId: 'lear', units: seats(20) });
    const results = await Promise.all(Array.from({ length: 10 }, () => commands.execute('lear', opening, keyed('open'))));
    acceptedOf(await commands.ask('lear', book('b1', ['A1'])));

    const again = acceptedOf(await commandSide(memory).execute('lear', opening, keyed('open')));

    for (const result of results) expect(content(result)).to.deep.equal(content(again));
    expect(again.slot).to.deep.include({ version: 1, counts: { capacity: 20, free: 20, held: 0, sold: 0, blocked: 0 } });
    expect(refusalOf(await commands.execute('lear', opening, keyed('other')))).to.deep.equal({ kind: 'slot-exists' });
  });

  it('is not needed to confirm twice with one payment', async () => {
    acceptedOf(await commands.ask('hamlet', book('b1', ['A1'])));
    const first = acceptedOf(await commands.ask('hamlet', confirm('b1', 'pay-1')));

    const again = acceptedOf(await commands.ask('hamlet', confirm('b1', 'pay-1')));
    const other = await commands.ask('hamlet', confirm('b1', 'pay-2'));

    expect(again.booking).to.deep.equal(first.booking);
    expect(again.place.version).to.equal(first.place.version);
    expect(refusalOf(other)).to.have.property('kind', 'already-confirmed');
    expect(await typesOf(memory, 'hamlet')).to.have.length(4);
  });
});
