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

const QUEUE = 'src/commands/slot-queue.ts';
const APPENDED = `      const position = await this.append(slot, decided, expectedVersion);`;
const TAKEN_BACK = `      conflicts += 1;
      slot.state.rollback();`;
const NOTHING_TO_WRITE = `      if (decided.events.length === 0) {
        slot.state.rollback();`;
const READ_AGAIN = `      await this.loader.catchUp(slot);
      isCurrent = true;
      if (conflicts`;

/** The deliberate bugs of docs/verification.md: first of the domain, then of what brings its decisions into the log. */
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
    bug: 'two appends of one slot are in flight',
    edits: [
      {
        file: QUEUE,
        text: APPENDED,
        becomes: `      slot.state.commit();
      this.inFlight = this.append(slot, decided, expectedVersion).then(
        (found) => {
          slot.position = found ?? slot.position;
          if (found !== null) this.finish(decided, found, expectedVersion + decided.events.length);
          return found;
        },
        (error) => {
          for (const one of batch) one.reject(error);
          return null;
        },
      );
      this.inFlight.then((found) => {
        if (found !== null) return;
        this.slot = null;
        this.inFlight = undefined;
        for (const one of batch) one.reject(new TooMuchContentionError('somebody was faster'));
      });
      if (conflicts < MAX_TRIES) return;
${APPENDED}`,
      },
      {
        file: QUEUE,
        text: NOTHING_TO_WRITE,
        becomes: `${NOTHING_TO_WRITE}
        if ((await this.inFlight) === null) throw new TooMuchContentionError('somebody was faster');`,
      },
    ],
    caughtBy: [
      {
        file: 'test/commands/slot-queue.unit.ts',
        title: 'never has two appends in flight, and decides what came meanwhile in the next one',
      },
    ],
  },
  {
    bug: 'the state is not rolled back on a conflict',
    edits: [{ file: QUEUE, text: TAKEN_BACK, becomes: TAKEN_BACK.replace('rollback', 'commit') }],
    caughtBy: [{ file: 'test/commands/conflicts.unit.ts', title: 'takes its decisions back, applies what happened, and decides again' }],
  },
  {
    bug: 'a retry does not decide again',
    edits: [
      {
        file: QUEUE,
        text: READ_AGAIN,
        becomes: `      await this.loader.catchUp(slot);
      const again = await this.append(slot, decided, slot.state.version);
      if (again !== null) {
        await this.loader.catchUp(slot);
        this.finish(decided, again, slot.state.version);
        return;
      }
${READ_AGAIN}`,
      },
    ],
    caughtBy: [{ file: 'test/commands/conflicts.unit.ts', title: 'takes its decisions back, applies what happened, and decides again' }],
  },
  {
    bug: 'a command is acknowledged before its append has returned',
    edits: [
      {
        file: QUEUE,
        text: APPENDED,
        becomes: `      this.finish(decided, slot.position + decided.events.length, slot.state.version);
${APPENDED}`,
      },
    ],
    caughtBy: [
      {
        file: 'test/commands/unknown-outcome.unit.ts',
        title: 'is told to those who wait when the store is gone for good; the next command reads the log first',
      },
    ],
  },
  {
    bug: 'the slot goes on deciding after an append of which nobody knows what became',
    edits: [
      {
        file: QUEUE,
        text: '      return this.resend(decided.events, expectedVersion, error);',
        becomes: `      slot.state.commit();
      throw error;`,
      },
      {
        file: QUEUE,
        text: `        this.slot = null;
        for (const one of batch) one.reject(error);`,
        becomes: `        if (!(error instanceof OutcomeUnknownError)) this.slot = null;
        for (const one of batch) one.reject(error);`,
      },
    ],
    caughtBy: [{ file: 'test/commands/unknown-outcome.unit.ts', title: 'lets the slot decide nothing before it is known' }],
  },
];
