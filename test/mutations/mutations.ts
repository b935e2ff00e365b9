import { ANSWERING_MUTATIONS } from './answering.ts';
import { QUEUEING_MUTATIONS } from './queueing.ts';
import { SELDOM_ASKED } from './seldom-asked.ts';
import { UNSEEN_MUTATIONS } from './unseen-mutations.ts';

export interface Edit {
  readonly file: string;
  /** Stands exactly once in the file. */
  readonly text: string;
  readonly becomes: string;
}

/** A bug planted on purpose, and the tests that must notice it. The simulation has to find every one of them. */
export interface Mutation {
  readonly bug: string;
  readonly edits: readonly Edit[];
  readonly caughtBy: readonly { readonly file: string; readonly title: string }[];
}

const property = (axis: 'whole' | 'stops' | 'time') => ({
  file: 'test/domain/slot.property.unit.ts',
  title: `on a slot over "${axis}" is decided as the oracle says`,
});

const KNOWN_PAYMENT = "if (booking.status === 'CONFIRMED' && booking.paymentReference === paymentReference)";

const DECIDE = 'src/domain/slot/decide.ts';
const SETTLEMENT = 'src/domain/slot/decide-settlement.ts';
const ALL_OR_PART = `  const claims = command.units === null ? booking.claims : partOf(booking, command.units, '/units');
  if ('kind' in claims) return claims;
  const released`;

/** The deliberate bugs of docs/verification.md: first of the domain, then of what brings its decisions into the log, then of answers that belie it. */
export const MUTATIONS: readonly Mutation[] = [
  {
    bug: 'an off-by-one in the overlap: the last segment of a span is not looked at',
    edits: [
      {
        file: 'src/domain/profile.ts',
        text: `    if (step.at >= span.to) break;
    if (takenAt(step) > takenAt(found)) found = step;`,
        becomes: `    if (step.at >= span.to - 1) break;
    if (takenAt(step) > takenAt(found)) found = step;`,
      },
    ],
    caughtBy: [{ file: 'test/domain/profile.unit.ts', title: 'is tightest where most is taken within the span' }, property('stops')],
  },
  {
    bug: 'a partial cancellation does not give its capacity back',
    edits: [
      {
        file: 'src/domain/slot/evolve.ts',
        text: `    case 'SeatsReleased': {
      const booking = bookingOf(state, event.bookingId);
      occupy(state, event.claims, usageOf(event.previousStatus), -1);`,
        becomes: `    case 'SeatsReleased': {
      const booking = bookingOf(state, event.bookingId);`,
      },
    ],
    caughtBy: [
      { file: 'test/domain/slot/settling.unit.ts', title: 'is cancelled in part, keeps the rest, and gives back no more' },
      property('whole'),
    ],
  },
  {
    bug: 'a hold lives on at the very instant of its expiry',
    edits: [
      {
        file: 'src/domain/slot/decide.ts',
        text: 'while (state.expiries.nextAt <= now &&',
        becomes: 'while (state.expiries.nextAt < now &&',
      },
      { file: 'src/domain/slot/decide.ts', text: 'return state.expiries.nextAt <= now;', becomes: 'return state.expiries.nextAt < now;' },
    ],
    caughtBy: [
      {
        file: 'test/domain/slot/holding.unit.ts',
        title: 'is over at the instant of its expiry: the seat is sold again, and the lapse is recorded with it',
      },
      property('time'),
    ],
  },
  {
    bug: 'a seat is withdrawn although it is held',
    edits: [
      {
        file: 'src/domain/slot/decide-units.ts',
        text: '(whole ? step.held + step.sold : takenAt(step))',
        becomes: '(whole ? step.sold : takenAt(step))',
      },
    ],
    caughtBy: [{ file: 'test/domain/slot/units.unit.ts', title: 'cannot be withdrawn' }, property('whole')],
  },
  {
    bug: 'a confirmation that is sent again sells again',
    edits: [
      {
        file: 'src/domain/slot/decide-settlement.ts',
        text: KNOWN_PAYMENT,
        becomes: `${KNOWN_PAYMENT} {
    const { claims } = booking;
    return { kind: 'events', events: [{ type: 'BookingConfirmed', bookingId, customerId, paymentReference, claims, released: [] }], bookingId };
  }
  ${KNOWN_PAYMENT}`,
      },
    ],
    caughtBy: [
      {
        file: 'test/domain/slot/settling.unit.ts',
        title: 'is the same confirmation again for the same payment, long after its hold would have lapsed',
      },
      property('stops'),
    ],
  },
  {
    bug: 'bookings are cancelled with a slot that is open',
    edits: [{ file: DECIDE, text: "if (state.head?.status !== 'CANCELLED') return [];", becomes: 'if (state.head === null) return [];' }],
    caughtBy: [{ file: 'test/domain/slot/settling.unit.ts', title: 'has open slots release nothing' }],
  },
  {
    bug: 'a seat is held for a stop less than was asked for',
    edits: [
      {
        file: 'src/domain/slot/decide-request.ts',
        text: 'chosen.units.map(({ index, quantity }) => claimAt(offer, index, quantity));',
        becomes: `chosen.units
    .map(({ index, quantity }) => claimAt(offer, index, quantity))
    .map((claim) => (headOf(state).axis.type === 'stops' && claim.to - claim.from > 1 ? { ...claim, to: claim.to - 1 } : claim));`,
      },
    ],
    caughtBy: [{ file: 'test/domain/slot/spans.unit.ts', title: 'chooses a seat that is free over the whole span' }, property('stops')],
  },
  {
    bug: 'a payment for all of a booking sells two of its units',
    edits: [{ file: SETTLEMENT, text: ALL_OR_PART, becomes: ALL_OR_PART.replace('booking.claims', 'booking.claims.slice(0, 2)') }],
    caughtBy: [{ file: 'test/domain/slot/settling.unit.ts', title: 'is confirmed as a whole' }],
  },
  {
    bug: 'a payment for a part sells all of a booking',
    edits: [{ file: SETTLEMENT, text: ALL_OR_PART, becomes: ALL_OR_PART.replace('command.units === null', 'command.units !== undefined') }],
    caughtBy: [{ file: 'test/domain/slot/settling.unit.ts', title: 'is confirmed in part, and the rest is free in the same event' }],
  },
  {
    bug: 'a payment is decided by the time of the last event',
    edits: [
      {
        file: DECIDE,
        text: 'const now = Math.max(envelope.now, state.lastEventAt);',
        becomes: "const now = Math.max(command.type === 'ConfirmBooking' ? 0 : envelope.now, state.lastEventAt);",
      },
      {
        file: 'src/commands/decide-batch.ts',
        text: 'if (mayLapse(state, now)) return',
        becomes: "if (one.command.type !== 'ConfirmBooking' && mayLapse(state, now)) return",
      },
      {
        file: 'src/commands/decide-batch.ts',
        text: 'bytes += recordLapses(state, now, MAX_LAPSED_BYTES - bytes, batch.events);',
        becomes: "if (one.command.type !== 'ConfirmBooking') bytes += recordLapses(state, now, MAX_LAPSED_BYTES - bytes, batch.events);",
      },
    ],
    caughtBy: [{ file: 'test/domain/slot/holding.unit.ts', title: 'cannot be confirmed, cancelled or extended at that instant' }],
  },
  {
    bug: 'a booking of a cancelled slot is paid for',
    edits: [
      {
        file: 'src/domain/slot/booking-rules.ts',
        text: "  if (headOf(state).status === 'CANCELLED') return refuse({ kind: 'slot-cancelled', booking });",
        becomes: '',
      },
    ],
    caughtBy: [{ file: 'test/domain/slot/settling.unit.ts', title: 'sells, confirms and changes nothing any more' }],
  },
  {
    bug: 'an older version than the one that is named is enough',
    edits: [{ file: DECIDE, text: 'ifMatch !== seenVersion &&', becomes: 'ifMatch > seenVersion &&' }],
    caughtBy: [{ file: 'test/domain/slot/retries.unit.ts', title: 'is refused at any other, and told the current one' }],
  },
  {
    bug: 'of the units to block only the first is blocked',
    edits: [
      {
        file: 'src/domain/slot/decide-units.ts',
        text: `  const blocks: Block[] = [];
  const unavailable: UnavailableUnit[] = [];
  for (const [position, selected] of command.units.entries()) {`,
        becomes: `  const blocks: Block[] = [];
  const unavailable: UnavailableUnit[] = [];
  for (const [position, selected] of command.units.slice(0, 1).entries()) {`,
      },
    ],
    caughtBy: [{ file: 'test/domain/slot/units.unit.ts', title: 'blocks all of a unit, and what is left of it' }, property('whole')],
  },
  {
    bug: 'a hold lasts half as long as the slot lets it',
    edits: [
      {
        file: 'src/domain/slot/decide-request.ts',
        text: 'expiresAt: now + holdSeconds * 1000,',
        becomes: 'expiresAt: now + holdSeconds * 500,',
      },
    ],
    caughtBy: [{ file: 'test/domain/slot/choosing.unit.ts', title: 'is adjacent and in the middle of the row' }],
  },
  {
    bug: 'named seats may leave one alone that must not be',
    edits: [
      {
        file: 'src/domain/slot/choose.ts',
        text: 'if (orphans.length > 0) return refuse',
        becomes: 'if (orphans.length > 9) return refuse',
      },
    ],
    caughtBy: [{ file: 'test/domain/slot/choosing.unit.ts', title: 'refuses named seats that would leave one, and names it' }],
  },
  ...QUEUEING_MUTATIONS,
  ...ANSWERING_MUTATIONS,
  ...SELDOM_ASKED,
  ...UNSEEN_MUTATIONS,
];
