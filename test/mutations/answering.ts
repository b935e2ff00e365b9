import type { Mutation } from './mutations.ts';

const SETTLING = 'test/domain/slot/settling.unit.ts';
const SETTLEMENT = 'src/domain/slot/decide-settlement.ts';
const PAID_BEFORE = `  if (booking.status === 'CONFIRMED') return refuse({ kind: 'already-confirmed', booking });
  const claims = command.units`;

/** Deliberate bugs that leave the log sound: what is done is refused, and what is acknowledged is not done. */
export const ANSWERING_MUTATIONS: readonly Mutation[] = [
  {
    bug: 'what a key did is refused where it could not be done once more',
    edits: [
      {
        file: 'src/domain/slot/decide.ts',
        text: `  if (known !== undefined) {
`,
        becomes: `  if (known !== undefined) {
    const again = rule(state, command, Math.max(envelope.now, state.lastEventAt));
    if (again.kind === 'refused') return refused([], again.refusal);
`,
      },
    ],
    caughtBy: [{ file: 'test/domain/slot/retries.unit.ts', title: 'is answered as then, although the seats are taken by now' }],
  },
  {
    bug: 'what is paid cannot be given back',
    edits: [
      {
        file: SETTLEMENT,
        text: `    case 'HELD':
    case 'CONFIRMED': {`,
        becomes: `    case 'CONFIRMED':
      return refuse({ kind: 'already-confirmed', booking });
    case 'HELD': {`,
      },
    ],
    caughtBy: [{ file: SETTLING, title: 'is cancelled in part and then as a whole' }],
  },
  {
    bug: 'a slot that is closed lets nobody pay',
    edits: [
      {
        file: SETTLEMENT,
        text: PAID_BEFORE,
        becomes: `  if (state.head?.status === 'CLOSED') return refuse({ kind: 'slot-closed', booking });
${PAID_BEFORE}`,
      },
    ],
    caughtBy: [{ file: SETTLING, title: 'lets holds be confirmed and bookings be cancelled' }],
  },
  {
    bug: 'more of what a booking has is promised, and not held',
    edits: [
      {
        file: 'src/domain/slot/decide-change.ts',
        text: '  if (added.length === 0 && dropped.length === 0) return',
        becomes: `  const has = (claim: Claim) => booking.claims.some(({ unitId }) => unitId === claim.unitId);
  if (added.every(has) && dropped.length === 0) return`,
      },
    ],
    caughtBy: [{ file: 'test/domain/slot/changing.unit.ts', title: 'takes more of what it has, which needs no more room' }],
  },
  {
    bug: 'a part of a pool is said to be withdrawn, and stays on sale',
    edits: [
      {
        file: 'src/domain/slot/decide-units.ts',
        text: `    : happened({ type: 'UnitsWithdrawn', units, reason: command.reason });`,
        becomes: `    : command.units.some(({ quantity }) => quantity !== undefined)
      ? happened()
      : happened({ type: 'UnitsWithdrawn', units, reason: command.reason });`,
      },
    ],
    caughtBy: [{ file: 'test/domain/slot/units.unit.ts', title: 'can be withdrawn as far as they are free' }],
  },
];
