import { expect } from 'chai';
import type { SpanRequest } from '../../src/domain/axis.ts';
import type { SeatView } from '../../src/queries/answers.ts';
import { withDatabase } from '../support/postgres.ts';
import { append, type Happened, type ReadSide, startReadSide } from '../support/read-side.ts';
import * as slot from '../support/slot-builders.ts';

const { claim, confirmed, DAY, ENDS, HOUR, held, MINUTE, NOW, opened, STARTS, seat, seats, stops, stopsAxis, yard } = slot;
const HELD_UNTIL = NOW + 10 * MINUTE;

describe('a seat map', () => {
  const database = withDatabase();
  let side: ReadSide;
  let shows = 0;

  before(() => {
    side = startReadSide(database());
  });
  after(() => side.close());

  /** Opens a slot and lets it live through the events. @returns its id. */
  async function show(first: Parameters<typeof opened>[0], ...events: readonly Happened[]): Promise<string> {
    shows += 1;
    const slotId = `show-${shows}`;
    await side.tell([opened({ slotId, ...first }), ...events], slotId);
    return slotId;
  }

  async function unitsOf(slotId: string, span: SpanRequest | null = null): Promise<readonly SeatView[]> {
    const answer = await side.queries.seats(slotId, span);
    if (answer.kind !== 'found') throw new Error(answer.kind);
    expect(answer.read.value.slotId).to.equal(slotId);
    return answer.read.value.units;
  }

  async function statusesOf(slotId: string, span: SpanRequest | null = null): Promise<Record<string, unknown>> {
    return Object.fromEntries((await unitsOf(slotId, span)).map(({ unit, status, quantities }) => [unit.unitId, status ?? quantities]));
  }

  async function freeIn(slotId: string, span: SpanRequest | null): Promise<unknown> {
    const answer = await side.queries.availability(slotId, span);
    return answer.kind === 'found'
      ? answer.read.value.categories.map(({ category, free, capacity }) => [category, free, capacity])
      : answer;
  }

  it('gives every unit in order, with its attributes and price', async () => {
    const odd = seat('A1', {
      x: 1.5,
      y: -2,
      accessible: true,
      gapAfter: true,
      reference: 'r',
      metadata: { side: 'left' },
      availableFrom: 0,
    });
    const slotId = await show({ units: [odd, yard(10), seat('A0', { price: 7 })] });
    expect(await unitsOf(slotId)).to.deep.equal([
      { unit: odd, price: 4500, status: 'free', heldUntil: null, quantities: null },
      { unit: yard(10), price: 500, status: null, heldUntil: null, quantities: { free: 10, held: 0, sold: 0, blocked: 0 } },
      { unit: seat('A0', { price: 7 }), price: 7, status: 'free', heldUntil: null, quantities: null },
    ]);
  });

  it('tells free, held until when, sold and blocked', async () => {
    const slotId = await show(
      {},
      ...held('tells.1', [claim('A1'), claim('yard', { quantity: 3 })]),
      ...held('tells.2', [claim('A2'), claim('yard', { quantity: 2 })]),
      confirmed('tells.2', [claim('A2'), claim('yard', { quantity: 2 })]),
      {
        type: 'UnitsBlocked',
        reason: null,
        blocks: [
          { unitId: 'A3', quantity: 1, from: 0, to: 1 },
          { unitId: 'yard', quantity: 4, from: 0, to: 1 },
        ],
      },
    );
    expect(await statusesOf(slotId)).to.deep.equal({
      A1: 'held',
      A2: 'sold',
      A3: 'blocked',
      A4: 'free',
      yard: { free: 1, held: 3, sold: 2, blocked: 4 },
    });
    expect((await unitsOf(slotId)).map(({ heldUntil }) => heldUntil)).to.deep.equal([HELD_UNTIL, null, null, null, null]);
    expect(await freeIn(slotId, null)).to.deep.equal([
      ['gold', 1, 4],
      ['standing', 1, 10],
    ]);
  });

  it('shows a hold that lapsed as held until its lapse is on record', async () => {
    const past = { requestedAt: NOW - HOUR, expiresAt: NOW - MINUTE, maxExpiresAt: NOW };
    const slotId = await show({ units: seats(1) }, ...held('lapse.1', [claim('A1')], past));
    expect((await unitsOf(slotId))[0]).to.deep.include({ status: 'held', heldUntil: NOW - MINUTE });
    await side.tell([slot.expired('lapse.1', [claim('A1')], NOW - MINUTE)], slotId);
    expect(await statusesOf(slotId)).to.deep.equal({ A1: 'free' });
  });

  it('counts nothing below zero of a pool that was made smaller than what had been sold of it', async () => {
    const all = [claim('yard', { quantity: 5 })];
    const smaller: Happened = { type: 'UnitsChanged', changes: [yard(3)] };
    const slotId = await show({ units: [yard(5)] }, ...held('pool.1', all), confirmed('pool.1', all), smaller);
    expect(await statusesOf(slotId)).to.deep.equal({ yard: { free: 0, held: 0, sold: 5, blocked: 0 } });
  });

  it('gives the range of prices and the free places of each category', async () => {
    const slotId = await show(
      { units: [seat('A1', { price: 10 }), yard(5), seat('A2', { price: 30 }), seat('A3', { price: 20 })] },
      ...held('range.1', [claim('A1')]),
    );
    const answer = await side.queries.availability(slotId, null);
    expect(answer.kind === 'found' && answer.read.value).to.deep.equal({
      slotId,
      version: 3,
      categories: [
        { category: 'gold', price: 10, maxPrice: 30, capacity: 3, free: 2 },
        { category: 'standing', price: 500, maxPrice: 500, capacity: 5, free: 5 },
      ],
      isOver: false,
      changesAt: slot.ENDS,
    });
  });

  describe('of a trip', () => {
    let trip: string;
    before(async () => {
      trip = await show(
        { axis: stopsAxis(4), units: [seat('A1'), seat('A2'), yard(5)] },
        ...held('trip.1', [claim('A1', { from: 0, to: 1 }), claim('yard', { quantity: 2, from: 0, to: 2 })]),
        confirmed('trip.1', [claim('A1', { from: 0, to: 1 }), claim('yard', { quantity: 2, from: 0, to: 2 })]),
        ...held('trip.2', [claim('A1', { from: 2, to: 3 }), claim('yard', { quantity: 1, from: 1, to: 3 })]),
      );
    });

    it('tells what stands in the way between two stops', async () => {
      expect(await statusesOf(trip, stops(0, 1))).to.deep.equal({
        A1: 'sold',
        A2: 'free',
        yard: { free: 3, held: 0, sold: 2, blocked: 0 },
      });
      expect(await statusesOf(trip, stops(1, 2))).to.deep.equal({
        A1: 'free',
        A2: 'free',
        yard: { free: 2, held: 1, sold: 2, blocked: 0 },
      });
      expect(await statusesOf(trip, stops(1, 3))).to.deep.include({ A1: 'held', yard: { free: 2, held: 1, sold: 2, blocked: 0 } });
    });

    it('means the whole trip when no stops are named; sold comes before held', async () => {
      expect(await statusesOf(trip)).to.deep.include({ A1: 'sold' });
      expect(await freeIn(trip, null)).to.deep.equal([
        ['gold', 1, 2],
        ['standing', 2, 5],
      ]);
    });

    const wrong: readonly (readonly [what: string, span: SpanRequest, pointer: string])[] = [
      ['backwards', stops(2, 1), '/span/toStop'],
      ['nowhere', stops(1, 1), '/span/toStop'],
      ['from an unknown stop', stops(9, 1), '/span/fromStop'],
      ['by the clock', { from: STARTS, to: ENDS }, '/span'],
    ];
    for (const [what, span, pointer] of wrong) {
      it(`is refused ${what}`, async () => {
        for (const answer of [await side.queries.seats(trip, span), await side.queries.availability(trip, span)]) {
          expect(answer.kind === 'fault' && answer.fault).to.deep.include({ kind: 'span-invalid', pointer });
        }
      });
    }
  });

  describe('of a fleet', () => {
    const opening = [{ days: ['SU', 'MO'], from: '08:00', to: '24:00' }] as const;
    const axis = { type: 'time', opening, bufferMinutes: 30 } as const;
    const at = (hours: number) => NOW + hours * HOUR;
    let fleet: string;
    before(async () => {
      fleet = await show(
        { axis, units: [seat('van-1'), seat('van-2', { availableFrom: at(2) })] },
        ...held('fleet.1', [claim('van-1', { from: at(2), to: at(4) })]),
        { type: 'UnitsBlocked', reason: null, blocks: [{ unitId: 'van-1', quantity: 1, from: at(8), to: at(9) }] },
      );
    });

    it('keeps the buffer free on both sides of a booking, but none behind a block', async () => {
      const van = async (from: number, to: number) => (await statusesOf(fleet, { from: at(from), to: at(to) }))['van-1'];
      expect(await van(0, 1.5)).to.equal('free');
      expect(await van(0, 1.75)).to.equal('held');
      expect(await van(4.25, 5)).to.equal('held');
      expect(await van(4.5, 7.5)).to.equal('free');
      expect(await van(4.5, 8)).to.equal('blocked');
      expect(await van(9, 10)).to.equal('free');
    });

    it('blocks a unit outside of the time in which it is on offer', async () => {
      expect(await statusesOf(fleet, { from: at(1), to: at(3) })).to.deep.include({ 'van-2': 'blocked' });
      expect(await statusesOf(fleet, { from: at(2), to: at(3) })).to.deep.include({ 'van-2': 'free' });
    });

    it('wants a span', async () => {
      const refused = { kind: 'fault', fault: { kind: 'span-required' }, position: await side.store.headPosition() };
      expect(await side.queries.seats(fleet, null)).to.deep.equal(refused);
      expect(await side.queries.availability(fleet, null)).to.deep.equal(refused);
    });

    it('is refused outside of the opening hours, like the booking', async () => {
      const answer = await side.queries.seats(fleet, { from: at(-8), to: at(1) });
      expect(answer.kind === 'fault' && answer.fault).to.deep.include({ kind: 'span-invalid', pointer: '/span/from' });
    });
  });

  it('of a slot on a layout shows the layout with the slot’s prices and exceptions', async () => {
    const units = [
      seat('A1', { category: 'silver', price: 1 }),
      { unitId: 'A2', category: 'gold' },
      seat('A3', { category: 'silver', price: 3 }),
      yard(9),
    ];
    await append(side.store, 'layout-hall', [
      { type: 'LayoutDefined', layoutId: 'hall', name: 'Hall', focus: { x: 0.5, y: 2 }, unitCount: 4 },
      { type: 'LayoutUnitsAdded', layoutId: 'hall', units: units.slice(0, 1) },
      { type: 'LayoutUnitsAdded', layoutId: 'hall', units: units.slice(1) },
    ]);
    await side.reached(await side.store.headPosition());
    expect((await side.queries.layout('hall')).value, 'not complete yet').to.equal(null);
    await append(side.store, 'layout-hall', [{ type: 'LayoutCompleted', layoutId: 'hall' }]);
    const slotId = await show(
      { layoutId: 'hall', prices: { gold: 70 }, units: [] },
      { type: 'UnitsChanged', changes: [{ unitId: 'A3', category: 'vip', price: 99 }] },
      { type: 'UnitsWithdrawn', units: [{ unitId: 'A1', quantity: 1 }], reason: null },
      { type: 'UnitsAdded', units: [seat('B1')] },
      { type: 'UnitsBlocked', blocks: [{ unitId: 'A2', quantity: 1, from: 0, to: 1 }], reason: null },
    );
    const layout = { layoutId: 'hall', name: 'Hall', focus: { x: 0.5, y: 2 }, units };
    expect((await side.queries.layout('hall')).value).to.deep.equal(layout);
    expect(await side.queries.layout('hall')).to.have.property('source', 'memory');
    expect((await unitsOf(slotId)).map(({ unit, price, status }) => [unit.unitId, unit.category, price, status])).to.deep.equal([
      ['A2', 'gold', 70, 'blocked'],
      ['A3', 'vip', 99, 'free'],
      ['yard', 'standing', 500, null],
      ['B1', 'gold', 4500, 'free'],
    ]);
  });

  it('is not found for a slot that nobody opened, nor are its availability, summary and layout', async () => {
    const position = await side.store.headPosition();
    expect(await side.queries.seats('nothing', null)).to.deep.equal({ kind: 'not-found', position });
    expect(await side.queries.availability('nothing', null)).to.deep.equal({ kind: 'not-found', position });
    expect(await side.queries.slot('nothing')).to.deep.equal({ value: null, position, source: 'postgres' });
    expect(await side.queries.layout('nothing')).to.deep.equal({ value: null, position, source: 'postgres' });
  });

  it('is of one moment: its version is the slot’s at its position, while events come in', async () => {
    const slotId = await show({ units: seats(1), startsAt: STARTS + DAY });
    const other = await show({});
    const versionAt = new Map([[await side.store.headPosition(), 1]]);
    let version = 1;
    const writing = (async () => {
      for (let round = 0; round < 100; round += 1) {
        const events = [{ type: round % 2 === 0 ? 'SlotClosed' : 'SlotReopened', reason: null }] as const;
        version += 1;
        versionAt.set(await append(side.store, `slot-${slotId}`, events), version);
        const position = await append(side.store, `slot-${other}`, events);
        versionAt.set(position, version);
        if (round % 5 === 4) await side.reached(position);
      }
    })();
    let done = false;
    writing.finally(() => (done = true)).catch(() => undefined);
    const seen = new Set<number>();
    while (!done) {
      const answer = await side.queries.seats(slotId, null);
      const summary = await side.queries.slot(slotId);
      if (answer.kind !== 'found') throw new Error(answer.kind);
      expect(answer.read.value.version).to.equal(versionAt.get(answer.read.position));
      expect(summary.value?.version).to.equal(versionAt.get(summary.position));
      seen.add(answer.read.position);
    }
    await writing;
    expect(seen.size, 'the views moved while they were read').to.be.greaterThan(5);
  });
});
