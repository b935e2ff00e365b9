import { expect } from 'chai';
import type { CommandContext } from '../../src/commands/command-service.ts';
import { formatInstant } from '../../src/commands/schemas/instants.ts';
import type { SlotCommand } from '../../src/domain/slot/commands.ts';
import { createMemoryEventStore } from '../../src/eventstore/memory-store.ts';
import { acceptedOf, type CommandSide, commandSide, context, keyed, refusalOf } from '../support/command-side.ts';
import { book, bookBest, cancel, change, confirm, NOW, POLICY, seats } from '../support/slot-builders.ts';

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

  for (const [what, command, asked] of [
    [
      'seats',
      book('b2', ['A1', ['A2', 3]], {
        span: { from: NOW, to: NOW + 1 },
        expectedTotal: 0,
        reference: 'order-81',
        metadata: { by: 'phone' },
      }),
      {
        type: 'RequestBooking',
        customerId: 'c-17',
        units: [
          { unitId: 'A1', quantity: 1 },
          { unitId: 'A2', quantity: 3 },
        ],
        span: { from: formatInstant(NOW), to: formatInstant(NOW + 1) },
        expectedTotal: 0,
        reference: 'order-81',
        metadata: { by: 'phone' },
      },
    ],
    [
      'a party, confirmed at once',
      bookBest('b2', 9, { adjacent: false }, { span: { fromStop: 'a', toStop: 'b' }, confirm: { paymentReference: 'p' } }),
      {
        type: 'RequestBooking',
        customerId: 'c-17',
        bestAvailable: { quantity: 9, adjacent: false, accessible: 0 },
        span: { fromStop: 'a', toStop: 'b' },
        confirm: { paymentReference: 'p' },
      },
    ],
    ['a confirmation', confirm('none', 'pay-1'), { type: 'ConfirmBooking', paymentReference: 'pay-1' }],
    [
      'a confirmation in part',
      confirm('none', 'pay-1', ['A1']),
      { type: 'ConfirmBooking', paymentReference: 'pay-1', units: [{ unitId: 'A1', quantity: 1 }] },
    ],
    ['a cancellation', cancel('none'), { type: 'CancelBooking' }],
    ['more time', { type: 'ExtendHold', bookingId: 'none', seconds: 60 }, { type: 'ExtendHold', seconds: 60 }],
    ['a change', change('none', { drop: ['A1'] }), { type: 'ChangeBooking', add: [], drop: [{ unitId: 'A1', quantity: 1 }] }],
  ] as const satisfies readonly (readonly [string, SlotCommand, object])[]) {
    it(`tells what was asked in the words of the request: ${what}`, async () => {
      refusalOf(await commands.execute('hamlet', command, context()));
      expect(JSON.parse(commands.attempts.at(-1)?.asked ?? '')).to.deep.equal(asked);
    });
  }
});
