import { expect } from 'chai';
import * as fc from 'fast-check';
import { extentAt, freeOver, statusOver } from '../../src/domain/availability.ts';
import type { Axis, SpanRequest } from '../../src/domain/axis.ts';
import type { Layout } from '../../src/domain/layout.ts';
import { NOTHING_TAKEN, tightest } from '../../src/domain/profile.ts';
import { resolveSpan } from '../../src/domain/resolve-span.ts';
import type { SlotCommand } from '../../src/domain/slot/commands.ts';
import { decide } from '../../src/domain/slot/decide.ts';
import type { SlotFact } from '../../src/domain/slot/evolve.ts';
import { headOf, SlotState } from '../../src/domain/slot/state.ts';
import { summaryOf } from '../../src/domain/slot/summary.ts';
import type { Unit } from '../../src/domain/unit.ts';
import { withDatabase } from '../support/postgres.ts';
import { append, type ReadSide, startReadSide } from '../support/read-side.ts';
import {
  book,
  bookBest,
  cancel,
  change,
  confirm,
  HOUR,
  MINUTE,
  NOW,
  openSlot,
  quantities,
  seat,
  seats,
  stops,
  stopsAxis,
  yard,
} from '../support/slot-builders.ts';

const RUNS = 25;
const HALL: Layout = {
  layoutId: 'hall',
  name: 'Hall',
  units: [seat('A1'), { unitId: 'A2', category: 'silver' }, seat('A3'), seat('A4'), yard(6)],
};
const UNITS = ['A1', 'A2', 'A3', 'A4', 'yard', 'B1'];

/** A step of a story: so long after the one before, on a booking that was made so many steps earlier. */
interface Step {
  readonly after: number;
  readonly command: (bookingId: string, span: SpanRequest | null) => SlotCommand;
  readonly booking: number;
  readonly span: number;
}

const unit = fc.constantFrom(...UNITS);
const wanted = fc.uniqueArray(fc.oneof(unit, fc.tuple(fc.constant('yard'), fc.integer({ min: 1, max: 4 }))), {
  minLength: 1,
  maxLength: 3,
  selector: (one) => (typeof one === 'string' ? one : one[0]),
});
const someUnits = wanted.map((units) => quantities(units));

const command: fc.Arbitrary<Step['command']> = fc.oneof(
  {
    weight: 6,
    arbitrary: wanted.map(
      (units): Step['command'] =>
        (id, span) =>
          book(id, units, { span }),
    ),
  },
  {
    weight: 2,
    arbitrary: fc.integer({ min: 1, max: 3 }).map(
      (count): Step['command'] =>
        (id, span) =>
          bookBest(id, count, {}, { span }),
    ),
  },
  {
    weight: 2,
    arbitrary: wanted.map(
      (units): Step['command'] =>
        (id, span) =>
          book(id, units, { span, confirm: { paymentReference: 'now' } }),
    ),
  },
  {
    weight: 3,
    arbitrary: fc.option(wanted).map(
      (units): Step['command'] =>
        (id) =>
          confirm(id, 'pay', units),
    ),
  },
  {
    weight: 3,
    arbitrary: fc.option(wanted).map(
      (units): Step['command'] =>
        (id) =>
          cancel(id, units),
    ),
  },
  {
    weight: 2,
    arbitrary: fc.tuple(wanted, wanted).map(
      ([add, drop]): Step['command'] =>
        (id) =>
          change(id, { add, drop }),
    ),
  },
  { weight: 1, arbitrary: fc.constant((id: string): SlotCommand => ({ type: 'ExtendHold', bookingId: id, seconds: 900 })) },
  {
    weight: 2,
    arbitrary: someUnits.map((units): Step['command'] => (_, span) => ({ type: 'BlockUnits', units, span, reason: null })),
  },
  {
    weight: 2,
    arbitrary: someUnits.map((units): Step['command'] => (_, span) => ({ type: 'UnblockUnits', units, span, reason: null })),
  },
  {
    weight: 1,
    arbitrary: someUnits.map((units): Step['command'] => () => ({ type: 'WithdrawUnits', units, reason: null })),
  },
  {
    weight: 1,
    arbitrary: unit.map((unitId): Step['command'] => () => ({ type: 'AddUnits', units: [unitId === 'yard' ? yard(3) : seat(unitId)] })),
  },
  {
    weight: 1,
    arbitrary: fc
      .record({ unitId: unit, price: fc.constantFrom(100, 200), category: fc.constantFrom('gold', 'vip') })
      .map((one): Step['command'] => () => ({ type: 'ChangeUnits', changes: [one.unitId === 'yard' ? { ...one, capacity: 8 } : one] })),
  },
  { weight: 1, arbitrary: fc.constant((): SlotCommand => ({ type: 'ReleaseExpired', limit: 2 })) },
  {
    weight: 1,
    arbitrary: fc.constant((): SlotCommand => ({ type: 'ChangeSlot', changes: { title: 'Macbeth', venue: { city: 'York' } } })),
  },
);

const story: fc.Arbitrary<readonly Step[]> = fc.array(
  fc.record({ after: fc.constantFrom(0, MINUTE, 11 * MINUTE), command, booking: fc.nat(5), span: fc.nat(2) }),
  { minLength: 5, maxLength: 30 },
);

const AXES: readonly { readonly axis: Axis; readonly spans: readonly (SpanRequest | null)[] }[] = [
  { axis: { type: 'whole' }, spans: [null] },
  { axis: stopsAxis(4), spans: [null, stops(0, 1), stops(1, 3)] },
  {
    axis: { type: 'time', bufferMinutes: 30 },
    spans: [
      { from: NOW + HOUR, to: NOW + 3 * HOUR },
      { from: NOW + 3 * HOUR + 15 * MINUTE, to: NOW + 4 * HOUR },
      { from: NOW - HOUR, to: NOW + 30 * HOUR },
    ],
  },
];

describe('what the views say of a slot', () => {
  const database = withDatabase();
  let side: ReadSide;
  let stories = 0;
  let now = NOW;

  before(async () => {
    side = startReadSide(database(), () => now);
    const { layoutId, name, units } = HALL;
    await append(side.store, 'layout-hall', [
      { type: 'LayoutDefined', layoutId, name, unitCount: units.length },
      { type: 'LayoutUnitsAdded', layoutId, units: units.slice(0, 2) },
      { type: 'LayoutUnitsAdded', layoutId, units: units.slice(2) },
      { type: 'LayoutCompleted', layoutId },
    ]);
  });
  after(() => side.close());

  /** Lives through the story. @returns the state in the end and the facts that made it. */
  function live(
    slotId: string,
    axis: Axis,
    spans: readonly (SpanRequest | null)[],
    onLayout: boolean,
    steps: readonly Step[],
    cancels: boolean,
  ) {
    const state = new SlotState(slotId, () => HALL);
    const facts: SlotFact[] = [];
    const inventory: { layoutId: string | null; prices: Record<string, number> | null; units: readonly Unit[] } = onLayout
      ? { layoutId: 'hall', prices: { silver: 70, standing: 5 }, units: [] }
      : { layoutId: null, prices: null, units: [...seats(4), yard(6)] };
    const run = (one: SlotCommand) => {
      facts.push(...decide(state, { command: one, now, commandId: null, commandHash: null, ifMatch: null }).facts);
    };
    now = NOW;
    run(openSlot({ slotId, axis, ...inventory }));
    steps.forEach((step, index) => {
      now += step.after;
      const span = spans[step.span % spans.length] ?? null;
      const made = step.command(`${slotId}.${index}`, span);
      // A request makes a booking of its own; anything else is about one that may be there.
      run(made.type === 'RequestBooking' ? made : step.command(`${slotId}.${Math.max(0, index - step.booking)}`, span));
    });
    if (cancels) {
      run({ type: 'CancelSlot', reason: null });
      run({ type: 'ReleaseCancelled', limit: 2 });
    }
    return { state, facts };
  }

  async function expectSameSeats(state: SlotState, request: SpanRequest | null, told: string): Promise<void> {
    const head = headOf(state);
    const resolved = resolveSpan(head, request);
    if (resolved.kind !== 'resolved') throw new Error('every span of the test is valid');
    const { span, occupied } = resolved;
    const extent = extentAt(head, span, now);
    const answer = await side.queries.seats(state.slotId, request);
    if (answer.kind !== 'found') throw new Error(answer.kind);
    const seen = answer.read.value.units.map(({ unit: one, price, status, quantities: numbers }) => ({
      ...one,
      price,
      shown: status ?? numbers,
    }));
    const expected = state.units.units.flatMap((one, index) => {
      if (one === undefined) return [];
      const profile = state.profiles.get(index);
      const { held, sold } = tightest(profile ?? NOTHING_TAKEN, occupied);
      const free = freeOver(one, profile, occupied, extent);
      const numbers = { free, held, sold, blocked: (one.capacity ?? 1) - free - held - sold };
      const shown = one.capacity === undefined ? statusOver(one, profile, occupied, extent) : numbers;
      return [{ ...one, price: state.units.priceAt(index), shown }];
    });
    expect(seen, told).to.deep.equal(expected);
    const categories = await side.queries.availability(state.slotId, request);
    if (categories.kind !== 'found') throw new Error(categories.kind);
    const sum = (field: 'free' | 'capacity') => categories.read.value.categories.reduce((total, one) => total + one[field], 0);
    const free = expected.reduce((total, { shown }) => total + (shown === 'free' ? 1 : typeof shown === 'string' ? 0 : shown.free), 0);
    expect(sum('free')).to.equal(free);
    expect(sum('capacity')).to.equal(expected.reduce((total, one) => total + (one.capacity ?? 1), 0));
  }

  for (const { axis, spans } of AXES) {
    for (const onLayout of [false, true]) {
      it(`equals its own state, on ${axis.type} with ${onLayout ? 'a shared layout' : 'units of its own'}`, async () => {
        let bookings = 0;
        await fc.assert(
          fc.asyncProperty(story, fc.boolean(), async (steps, cancels) => {
            stories += 1;
            const slotId = `story-${stories}`;
            const { state, facts } = live(slotId, axis, spans, onLayout, steps, cancels);
            await side.reached(await append(side.store, `slot-${slotId}`, facts));

            const told = JSON.stringify(facts.map((fact) => fact.event));
            expect((await side.queries.slot(slotId)).value, told).to.deep.equal(summaryOf(state, now));
            for (const span of spans) await expectSameSeats(state, span, told);
            for (const booking of state.bookings.values()) {
              expect((await side.queries.booking(booking.bookingId)).value).to.deep.equal({ booking, currency: 'GBP' });
              bookings += 1;
            }
          }),
          { numRuns: RUNS },
        );
        expect(bookings, 'the stories are about bookings').to.be.greaterThan(RUNS);
      });
    }
  }
});
