import { expect } from 'chai';
import type { CommandContext } from '../../src/commands/command-service.ts';
import type { SlotCommand } from '../../src/domain/slot/commands.ts';
import { createMemoryEventStore } from '../../src/eventstore/memory-store.ts';
import { acceptedOf, type CommandSide, commandSide, context, keyed, refusalOf } from '../support/command-side.ts';
import { book, change, confirm, NOW, POLICY, seats } from '../support/slot-builders.ts';

describe('the attempt that a refused command leaves', () => {
  let commands: CommandSide;

  beforeEach(async () => {
    commands = commandSide(createMemoryEventStore({ now: () => NOW }));
    await commands.open('hamlet', { units: seats(5), policy: { ...POLICY, maxUnitsPerBooking: 2, orphanSeats: 'forbid' } });
    acceptedOf(await commands.execute('hamlet', book('b1', ['A1'], { customerId: 'c-42' }), keyed('k')));
  });

  for (const [code, command, request] of [
    ['unknown-unit', change('b1', { add: ['Z9'] }), context()],
    ['invalid-input', change('b1', { add: ['A1'] }), context()],
    ['limit-exceeded', change('b1', { add: ['A2', 'A3'] }), context()],
    ['would-leave-orphan', change('b1', { add: ['A4'] }), context()],
    ['stale-version', confirm('b1'), context({ ifMatch: 1 })],
    ['idempotency-key-reused', confirm('b1'), keyed('k', 'another body')],
  ] as const satisfies readonly (readonly [string, SlotCommand, CommandContext])[]) {
    it(`names the customer whose booking it was about: ${code}`, async () => {
      expect(refusalOf(await commands.execute('hamlet', command, request))).to.have.property('kind', code);

      expect(commands.attempts).to.have.length(1);
      expect(commands.attempts[0]).to.include({ code, bookingId: 'b1', customerId: 'c-42' });
    });
  }

  it('names nobody where there is no such booking, and of a request who asked', async () => {
    refusalOf(await commands.ask('hamlet', confirm('none')));
    refusalOf(await commands.ask('hamlet', book('b1', ['A1'], { customerId: 'c-2' })));

    expect(commands.attempts.map(({ bookingId, customerId }) => [bookingId, customerId])).to.deep.equal([
      ['none', null],
      [null, 'c-2'],
    ]);
  });
});
