/** A bug planted on purpose, and the tests that must notice it. */
export interface Mutation {
  readonly bug: string;
  readonly file: string;
  /** Stands exactly once in the file. */
  readonly text: string;
  readonly becomes: string;
  readonly caughtBy: readonly { readonly file: string; readonly title: string }[];
}

const property = (axis: 'whole' | 'stops' | 'time') => ({
  file: 'test/domain/slot.property.unit.ts',
  title: `on a slot over "${axis}" is decided as the oracle says`,
});

const KNOWN_PAYMENT = "if (booking.status === 'CONFIRMED' && booking.paymentReference === paymentReference)";

/** The deliberate bugs of docs/verification.md. */
export const MUTATIONS: readonly Mutation[] = [
  {
    bug: 'an off-by-one in the overlap: the last segment of a span is not looked at',
    file: 'src/domain/profile.ts',
    text: `    if (step.at >= span.to) break;
    if (takenAt(step) > takenAt(found)) found = step;`,
    becomes: `    if (step.at >= span.to - 1) break;
    if (takenAt(step) > takenAt(found)) found = step;`,
    caughtBy: [{ file: 'test/domain/profile.unit.ts', title: 'is tightest where most is taken within the span' }, property('stops')],
  },
  {
    bug: 'a partial cancellation does not give its capacity back',
    file: 'src/domain/slot/evolve.ts',
    text: `    case 'SeatsReleased': {
      const booking = bookingOf(state, event.bookingId);
      occupy(state, event.claims, usageOf(event.previousStatus), -1);`,
    becomes: `    case 'SeatsReleased': {
      const booking = bookingOf(state, event.bookingId);`,
    caughtBy: [
      { file: 'test/domain/slot/settling.unit.ts', title: 'is cancelled in part, keeps the rest, and gives back no more' },
      property('whole'),
    ],
  },
  {
    bug: 'a hold lives on at the very instant of its expiry',
    file: 'src/domain/slot/decide.ts',
    text: 'while (state.expiries.nextAt <= now &&',
    becomes: 'while (state.expiries.nextAt < now &&',
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
    file: 'src/domain/slot/decide-units.ts',
    text: '(whole ? step.held + step.sold : takenAt(step))',
    becomes: '(whole ? step.sold : takenAt(step))',
    caughtBy: [{ file: 'test/domain/slot/units.unit.ts', title: 'cannot be withdrawn' }, property('whole')],
  },
  {
    bug: 'a confirmation that is sent again sells again',
    file: 'src/domain/slot/decide-settlement.ts',
    text: KNOWN_PAYMENT,
    becomes: `${KNOWN_PAYMENT} {
    const { claims } = booking;
    return { kind: 'events', events: [{ type: 'BookingConfirmed', bookingId, customerId, paymentReference, claims, released: [] }], bookingId };
  }
  ${KNOWN_PAYMENT}`,
    caughtBy: [
      {
        file: 'test/domain/slot/settling.unit.ts',
        title: 'is the same confirmation again for the same payment, long after its hold would have lapsed',
      },
      property('stops'),
    ],
  },
];
