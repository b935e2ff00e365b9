import { expect } from 'chai';
import { LiveBuilds } from '../../src/projections/builds/live-builds.ts';
import { createPositionWatch } from '../../src/projections/position-watch.ts';
import { type BookingFilter, type BookingView, type PageRead, ViewsUnavailableError } from '../../src/queries/answers.ts';
import { createQueries } from '../../src/queries/queries.ts';
import { withDatabase } from '../support/postgres.ts';
import { append, type Happened, poolOn, RELEASES, type ReadSide, startReadSide } from '../support/read-side.ts';
import { at } from '../support/slot.ts';
import { claim, confirmed, held, MINUTE, NOW, opened, requested } from '../support/slot-builders.ts';

describe('bookings', () => {
  const database = withDatabase();
  let side: ReadSide;

  before(async () => {
    side = startReadSide(database());
    await append(side.store, 'slot-hamlet', [
      opened(),
      ...booked('hamlet.1', 'A1', 'c-1', 0, 'order-81'),
      ...booked('hamlet.2', 'A2', 'c-2', 1),
      confirmed('hamlet.2', [claim('A2')]),
      ...booked('hamlet.3', 'A3', 'c-1', 2),
    ]);
    await side.tell([opened({ slotId: 'lear', currency: 'EUR' }), ...booked('lear.1', 'A1', 'c-1', 1, 'order-81')], 'lear');
  });
  after(() => side.close());

  /** A hold that was asked for so many minutes after NOW. */
  function booked(
    bookingId: string,
    unitId: string,
    customerId: string,
    minutes: number,
    reference: string | null = null,
  ): readonly Happened[] {
    const requestedAt = NOW + minutes * MINUTE;
    const who = { customerId };
    return held(bookingId, [claim(unitId)], { ...who, requestedAt }, { ...who, reference }).map((event) => at(requestedAt, event));
  }

  function idsOf(page: PageRead<BookingView>): readonly string[] {
    if (page.kind !== 'found') throw new Error(page.kind);
    return page.read.value.items.map(({ booking }) => booking.bookingId);
  }

  it('are found by their id, in the currency of their slot', async () => {
    const { value, position, source } = await side.queries.booking('lear.1');
    expect(value).to.deep.equal({
      currency: 'EUR',
      booking: {
        bookingId: 'lear.1',
        slotId: 'lear',
        customerId: 'c-1',
        status: 'HELD',
        version: 3,
        adjacent: true,
        claims: [claim('A1')],
        released: [],
        span: null,
        requestedAt: NOW + MINUTE,
        expiresAt: NOW + 10 * MINUTE,
        maxExpiresAt: NOW + 30 * MINUTE,
        confirmedAt: null,
        paymentReference: null,
        reference: 'order-81',
        metadata: {},
      },
    });
    expect([position, source]).to.deep.equal([await side.store.headPosition(), 'postgres']);
  });

  it('that nobody made are not found; a customer who made none has an empty list', async () => {
    expect((await side.queries.booking('hamlet.9')).value).to.equal(null);
    expect(await side.queries.bookings({ limit: 5, customerId: 'nobody' })).to.deep.equal({
      kind: 'found',
      read: { value: { items: [], nextCursor: null }, position: await side.store.headPosition(), source: 'postgres' },
    });
  });

  it('that are only asked for are not shown', async () => {
    await side.tell([opened({ slotId: 'half' }), requested('half.1', [claim('A1')])], 'half');
    expect((await side.queries.booking('half.1')).value).to.equal(null);
    expect(idsOf(await side.queries.bookings({ limit: 5, slotId: 'half' }))).to.deep.equal([]);
  });

  const filters: readonly (readonly [what: string, filter: Partial<BookingFilter>, ids: readonly string[]])[] = [
    ['nothing: all, newest first', {}, ['hamlet.3', 'lear.1', 'hamlet.2', 'hamlet.1']],
    ['the slot', { slotId: 'hamlet' }, ['hamlet.3', 'hamlet.2', 'hamlet.1']],
    ['the customer', { customerId: 'c-1' }, ['hamlet.3', 'lear.1', 'hamlet.1']],
    ['the reference', { reference: 'order-81' }, ['lear.1', 'hamlet.1']],
    ['the unit', { unitId: 'A1' }, ['lear.1', 'hamlet.1']],
    ['the unit of a slot', { unitId: 'A1', slotId: 'lear' }, ['lear.1']],
    ['the status', { status: 'CONFIRMED' }, ['hamlet.2']],
    ['the status that no query shows', { status: 'REQUESTED' }, []],
    ['the first instant, which is included', { from: NOW + MINUTE }, ['hamlet.3', 'lear.1', 'hamlet.2']],
    ['the last instant, which is not', { to: NOW + MINUTE }, ['hamlet.1']],
    ['several things at once', { customerId: 'c-1', from: NOW + MINUTE, to: NOW + 2 * MINUTE }, ['lear.1']],
  ];
  for (const [what, filter, ids] of filters) {
    it(`are filtered by ${what}`, async () => {
      expect(idsOf(await side.queries.bookings({ limit: 50, ...filter }))).to.deep.equal(ids);
    });
  }

  it('come page by page; what is booked meanwhile moves nothing', async () => {
    const first = await side.queries.bookings({ limit: 2, customerId: 'c-1' });
    if (first.kind !== 'found') throw new Error(first.kind);
    await side.tell([opened({ slotId: 'late' }), ...booked('late.1', 'A1', 'c-1', 9)], 'late');
    const second = await side.queries.bookings({ limit: 2, customerId: 'c-1', cursor: first.read.value.nextCursor ?? '' });
    expect([idsOf(first), idsOf(second)]).to.deep.equal([['hamlet.3', 'lear.1'], ['hamlet.1']]);
    expect(second.kind === 'found' && second.read.value.nextCursor).to.equal(null);
  });

  it('refuse a cursor of another list', async () => {
    const slots = await side.queries.slots({ limit: 1 });
    const cursor = slots.kind === 'found' ? (slots.read.value.nextCursor ?? '') : '';
    for (const bad of [cursor, '', '%%%', Buffer.from('["requestedAt",null,"x"]').toString('base64url')]) {
      expect(await side.queries.bookings({ limit: 1, cursor: bad }), bad).to.deep.equal({ kind: 'invalid-cursor' });
    }
  });
});

describe('the views of a database that is not there', () => {
  it('say that they are unavailable', async () => {
    const pool = poolOn('postgresql://127.0.0.1:1/nowhere');
    const live = new LiveBuilds(pool, RELEASES);
    const queries = createQueries({ pool, live, watch: createPositionWatch(pool, live), now: () => NOW });
    for (const ask of [
      () => queries.slot('hamlet'),
      () => queries.slots({ limit: 1 }),
      () => queries.seats('hamlet', null),
      () => queries.availability('hamlet', null),
      () => queries.booking('hamlet.1'),
      () => queries.bookings({ limit: 1 }),
      () => queries.layout('hall'),
    ]) {
      const asked = async (): Promise<unknown> => ask();
      expect(await asked().catch((error: unknown) => error)).to.be.instanceOf(ViewsUnavailableError);
    }
    await pool.end();
  });
});
