import type { Mutation } from './mutations.ts';

const CHANGE = 'src/domain/slot/decide-change.ts';
const UNITS = 'src/domain/slot/decide-units.ts';
const ADDED = `  const claim = claimAt(offer, index, quantity);
  const same`;
const CHOSEN = '  const chosen = choose(offer, command.selection);';
const SPAN_OF_BLOCKS = 'const span = spanOfBlock(state, command.span, now);';

/** Bugs that nobody sees who compares units and quantities alone, or takes a refusal at its word. */
export const UNSEEN_MUTATIONS: readonly Mutation[] = [
  {
    bug: 'what a change adds is held for less than the booking lasts',
    edits: [
      {
        file: CHANGE,
        text: ADDED,
        becomes: `  const whole = claimAt(offer, index, quantity);
  const isShorter = whole.to - whole.from > 1 && offer.state.units.at(index)?.priceBasis !== 'stop';
  const claim = isShorter ? { ...whole, to: whole.to - 1 } : whole;
  const same`,
      },
    ],
    caughtBy: [{ file: 'test/domain/slot/spans.unit.ts', title: 'has a booking that changes lie where it lay, with all that it has' }],
  },
  {
    bug: 'what is unblocked on a part of a trip is on sale on all of it',
    edits: [
      {
        file: UNITS,
        text: SPAN_OF_BLOCKS,
        becomes: SPAN_OF_BLOCKS.replace('command.span', "command.type === 'UnblockUnits' ? null : command.span"),
      },
    ],
    caughtBy: [{ file: 'test/domain/slot/units-over-spans.unit.ts', title: 'go only from the segments that are unblocked' }],
  },
  {
    bug: 'seats that are named together are told to be invalid input',
    edits: [
      {
        file: 'src/domain/slot/decide-request.ts',
        text: CHOSEN,
        becomes: `  if (command.selection.kind === 'units' && command.selection.units.length > 1) return refuseField('invalid-input', '/units', 'too many');
${CHOSEN}`,
      },
    ],
    caughtBy: [{ file: 'test/domain/slot/requesting.unit.ts', title: 'holds the named seats until the hold lapses, at their price' }],
  },
];
