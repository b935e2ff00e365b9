import { expect } from 'chai';
import type { SlotCommand } from '../../src/domain/slot/commands.ts';
import { createMemoryEventStore } from '../../src/eventstore/memory-store.ts';
import { acceptedOf, type CommandSide, commandSide } from '../support/command-side.ts';
import { createFaultyStore, type FaultyStore } from '../support/faulty-store.ts';
import { type HeldClock, holdClock } from '../support/held-clock.ts';
import { book, NOW, seats } from '../support/slot-builders.ts';

describe('a slot whose commands take long to decide', () => {
  let clock: HeldClock;
  let store: FaultyStore;
  let commands: CommandSide;
  /** Another instance on the same log; what it does meets no faults. */
  let other: CommandSide;

  beforeEach(async () => {
    clock = holdClock();
    const memory = createMemoryEventStore({ now: () => NOW });
    store = createFaultyStore(memory);
    commands = commandSide(store);
    other = commandSide(memory);
    await commands.open('hamlet', { units: seats(300) });
    await commands.open('lear', { units: seats(10) });
  });

  afterEach(() => clock.letGo());

  /** A hold of seat A<number>, which takes so many milliseconds to decide, once. */
  function slow(number: number, milliseconds: number): SlotCommand {
    let left = milliseconds;
    return new Proxy(book(`b${number}`, [`A${number}`]), {
      get: (target, property) => {
        if (property === 'selection') {
          clock.pass(left);
          left = 0;
        }
        return Reflect.get(target, property);
      },
    });
  }

  const askAll = (asked: readonly SlotCommand[]) => Promise.all(asked.map((one) => commands.ask('hamlet', one)));
  const seatsIn = (sent: readonly { readonly events: readonly { readonly type: string; readonly data: string }[] }[]) =>
    sent.map(({ events }) => events.filter(({ type }) => type === 'SeatsHeld').map(({ data }) => JSON.parse(data).claims[0].unitId));

  it('appends what was decided in some milliseconds, and goes on with the others in their order', async () => {
    const before = store.sent.length;

    const results = await askAll([1, 2, 3, 4, 5, 6, 7].map((number) => slow(number, 10)));

    expect(seatsIn(store.sent.slice(before))).to.deep.equal([['A1', 'A2', 'A3'], ['A4', 'A5', 'A6'], ['A7']]);
    expect(results.map((result) => acceptedOf(result).place.version)).to.deep.equal([3, 5, 7, 9, 11, 13, 15]);
  });

  it('decides one at a time where each takes longer than that', async () => {
    const before = store.sent.length;

    await askAll([1, 2, 3].map((number) => slow(number, 40)));

    expect(seatsIn(store.sent.slice(before))).to.deep.equal([['A1'], ['A2'], ['A3']]);
  });

  it('does not hold the lock of the log for longer when other instances write too', async () => {
    const overtaken = (number: number) => async () => acceptedOf(await other.ask('hamlet', book(`t${number}`, [`A${number}`])));
    store.failNext('slot-hamlet', overtaken(101), overtaken(102));
    acceptedOf(await commands.ask('hamlet', book('b100', ['A100'])));
    const before = store.sent.length;

    await askAll([1, 2, 3, 4].map((number) => slow(number, 10)));

    const sent = store.sent.slice(before);
    expect(sent.map(({ locked }) => locked)).to.deep.equal([true, true]);
    expect(seatsIn(sent)).to.deep.equal([['A1', 'A2', 'A3'], ['A4']]);
  });

  it('answers what is decided, and lets other slots have their turn, before it goes on', async () => {
    const answered: string[] = [];
    const ask = (slotId: string, one: SlotCommand, name: string) => commands.ask(slotId, one).then(() => answered.push(name));

    await Promise.all([
      ...[1, 2, 3].map((number) => ask('hamlet', slow(number, 40), `hamlet ${number}`)),
      ask('lear', book('b1', ['A1']), 'lear'),
    ]);

    expect(answered).to.deep.equal(['hamlet 1', 'lear', 'hamlet 2', 'hamlet 3']);
  });

  it('decides hundreds together where they take next to no time', async () => {
    const before = store.sent.length;

    await askAll(Array.from({ length: 256 }, (_, index) => slow(index + 1, 0.05)));

    expect(store.sent.slice(before).map(({ events }) => events.length)).to.deep.equal([512]);
  });
});
