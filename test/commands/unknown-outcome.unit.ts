import { expect } from 'chai';
import { TooMuchContentionError } from '../../src/commands/command-service.ts';
import { OutcomeUnknownError } from '../../src/eventstore/event-store.ts';
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
import { holdClock } from '../support/held-clock.ts';
import { book, NOW, seats } from '../support/slot-builders.ts';

/** Appends that one decision sends before it gives up: the first and its resends. */
const TRIES = 6;

describe('an append whose outcome is unknown', () => {
  let store: FaultyStore;
  let commands: CommandSide;
  let other: CommandSide;

  beforeEach(async () => {
    const memory = createMemoryEventStore({ now: () => NOW });
    store = createFaultyStore(memory);
    commands = commandSide(store);
    other = commandSide(memory);
    await commands.open('hamlet', { units: seats(10) });
  });

  for (const fault of ['answer-lost', 'request-lost'] as const) {
    it(`is sent again, byte for byte, until it is known (${fault}); nothing is lost or doubled`, async () => {
      store.failNext('slot-hamlet', fault, fault, 'unavailable');

      const results = await Promise.all(['A1', 'A2'].map((unitId) => commands.ask('hamlet', book(`b-${unitId}`, [unitId]))));

      const tries = store.sent.slice(1);
      expect(tries).to.have.length(4);
      for (const one of tries) expect(one).to.deep.equal(tries[0]);
      expect(results.map((result) => bookingOf(result).version)).to.deep.equal([3, 5]);
      expect(results.map(({ place }) => place.position)).to.deep.equal([3, 5]);
      expect(await typesOf(store, 'hamlet')).to.have.length(5);
      acceptedOf(await commands.ask('hamlet', book('b3', ['A3'])));
      expect(await typesOf(store, 'hamlet')).to.have.length(7);
    });
  }

  it('lets the slot decide nothing before it is known', async () => {
    store.failNext('slot-hamlet', 'answer-lost');
    const first = commands.ask('hamlet', book('b1', ['A1']));
    while (store.sent.length < 2) await new Promise(setImmediate);
    const gate = store.holdNextAppend('slot-hamlet');
    await gate.reached;
    const meanwhile = commands.ask('hamlet', book('b2', ['A1']));
    const readsBefore = store.reads.length;

    expect(await isSettled(meanwhile)).to.equal(false);
    expect(await isSettled(first)).to.equal(false);
    expect(store.reads.length).to.equal(readsBefore);
    expect(store.sent).to.have.length(3);
    gate.open();

    acceptedOf(await first);
    expect(refusalOf(await meanwhile)).to.have.property('kind', 'seats-taken');
  });

  it('is decided again when it turns out that another instance was faster', async () => {
    store.failNext('slot-hamlet', 'request-lost', () => other.ask('hamlet', book('theirs', ['A1'])));

    const [lost, won] = await Promise.all([commands.ask('hamlet', book('b1', ['A1'])), commands.ask('hamlet', book('b2', ['A2']))]);

    expect(refusalOf(lost)).to.have.property('kind', 'seats-taken');
    expect(bookingOf(won).version).to.equal(5);
    expect(await typesOf(store, 'hamlet')).to.have.length(5);
  });

  for (const fault of ['answer-lost', 'request-lost'] as const) {
    it(`is settled in the locked way as well (${fault})`, async () => {
      const overtaking = ['A1', 'A2'].map((unitId) => () => other.ask('hamlet', book(`t-${unitId}`, [unitId])));
      store.failNext('slot-hamlet', ...overtaking, fault);

      const results = await Promise.all([commands.ask('hamlet', book('b1', ['A3'])), commands.ask('hamlet', book('b2', ['A4']))]);

      const [, , , locked, resent] = store.sent;
      expect(locked).to.have.property('locked', true);
      expect({ ...resent, locked: true }).to.deep.equal(locked);
      expect(results.map((result) => bookingOf(result).version)).to.deep.equal([7, 9]);
      expect(await typesOf(store, 'hamlet')).to.have.length(9);
    });
  }

  it('does not keep those waiting beyond their bound who came meanwhile', async () => {
    store.failNext('slot-hamlet', 'request-lost');
    const first = commands.ask('hamlet', book('b1', ['A1']));
    while (store.sent.length < 2) await new Promise(setImmediate);
    const late = rejectionOf(commands.ask('hamlet', book('b2', ['A2'])));
    const gate = store.holdNextAppend('slot-hamlet');
    const clock = holdClock();
    try {
      clock.pass(16_000);

      expect(await late).to.be.instanceOf(TooMuchContentionError);
    } finally {
      clock.letGo();
    }
    await gate.reached;
    expect(await isSettled(first), 'the outcome is still unknown').to.equal(false);
    gate.open();
    acceptedOf(await first);
  });

  it('is told to those who wait when the store is gone for good; the next command reads the log first', async function () {
    this.timeout(15_000);
    store.failNext('slot-hamlet', 'answer-lost', ...Array.from({ length: TRIES - 1 }, () => 'unavailable' as const));

    const errors = await Promise.all([
      rejectionOf(commands.ask('hamlet', book('b1', ['A1']))),
      rejectionOf(commands.ask('hamlet', book('b2', ['A2']))),
    ]);
    const readsBefore = store.reads.length;
    const [next, free] = await Promise.all([commands.ask('hamlet', book('b3', ['A1'])), commands.ask('hamlet', book('b4', ['A3']))]);

    for (const error of errors) expect(error).to.be.instanceOf(OutcomeUnknownError);
    expect(store.reads.length).to.be.greaterThan(readsBefore);
    expect(refusalOf(next), 'the lost booking counts').to.have.property('kind', 'seats-taken');
    acceptedOf(free);
    expect(await typesOf(store, 'hamlet')).to.have.length(7);
  });
});
