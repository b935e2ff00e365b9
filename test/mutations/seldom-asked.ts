import type { Mutation } from './mutations.ts';

const ON_SALE = 'src/domain/slot/on-sale.ts';

/** Deliberate bugs in what few customers and operators ever ask for: other hours, other terms, another version, a day later. */
export const SELDOM_ASKED: readonly Mutation[] = [
  {
    bug: 'a car is fetched and brought back while nobody is there',
    edits: [
      {
        file: 'src/domain/resolve-span.ts',
        text: 'if (opening !== undefined) {',
        becomes: 'if (opening !== undefined && request.from < 0) {',
      },
    ],
    caughtBy: [
      { file: 'test/domain/slot/spans.unit.ts', title: 'takes back at the minute of opening what was kept over night, and not before' },
    ],
  },
  {
    bug: 'what is over is sold',
    edits: [{ file: ON_SALE, text: 'now < bookableUntil(', becomes: 'now > 0 || now < bookableUntil(' }],
    caughtBy: [{ file: 'test/domain/slot/spans.unit.ts', title: 'takes a rental that began a moment ago, and none from long before' }],
  },
  {
    bug: 'a slot sells before its sales have begun',
    edits: [{ file: ON_SALE, text: 'now < salesFrom', becomes: 'salesFrom < 0' }],
    caughtBy: [{ file: 'test/domain/slot/requesting.unit.ts', title: 'has not begun before salesFrom' }],
  },
  {
    bug: 'a unit is sold outside its times of offer',
    edits: [{ file: 'src/domain/availability.ts', text: 'if (extent === null) return true;', becomes: 'if (unit !== null) return true;' }],
    caughtBy: [{ file: 'test/domain/availability.unit.ts', title: 'is not offered outside of its own times' }],
  },
  {
    bug: 'a change is done at another total than was expected',
    edits: [
      {
        file: 'src/domain/slot/decide-change.ts',
        text: 'command.expectedTotal !== null && command.expectedTotal !== total',
        becomes: 'command.expectedTotal !== null && command.expectedTotal < 0',
      },
    ],
    caughtBy: [{ file: 'test/domain/slot/changing.unit.ts', title: 'is refused another total than the customer expects' }],
  },
  {
    bug: 'a patch changes nothing',
    edits: [
      {
        file: 'src/domain/slot/decide-slot.ts',
        text: 'return Object.keys(changes).length === 0 ?',
        becomes: 'return Object.keys(changes).length >= 0 ?',
      },
    ],
    caughtBy: [{ file: 'test/domain/slot/opening.unit.ts', title: 'takes changes of its description, and only what differs' }],
  },
  {
    bug: 'the version that is named is looked at for new bookings alone',
    edits: [
      {
        file: 'src/domain/slot/decide.ts',
        text: 'if (ifMatch !== null &&',
        becomes: "if (command.type === 'RequestBooking' && ifMatch !== null &&",
      },
    ],
    caughtBy: [{ file: 'test/domain/slot/retries.unit.ts', title: 'is refused at any other, and told the current one' }],
  },
  {
    bug: 'bookings that are over and keys are remembered for an hour',
    edits: [{ file: 'src/domain/slot/retirement.ts', text: 'RETIREMENT_AGE = 24 *', becomes: 'RETIREMENT_AGE = 1 *' }],
    caughtBy: [
      { file: 'test/domain/slot/retries.unit.ts', title: 'are remembered for a day after the booking is over, and forgotten with it' },
    ],
  },
  {
    bug: 'a booking that the state has forgotten is told to be unknown',
    edits: [{ file: 'src/commands/slot-loader.ts', text: 'if (booking !== undefined) found.set(event.bookingId, booking);', becomes: '' }],
    caughtBy: [{ file: 'test/commands/forgotten-bookings.unit.ts', title: 'is still told to have expired' }],
  },
];
