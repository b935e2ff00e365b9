import { sales } from '../../src/projections/sales/sales.ts';
import { DAILY_CATEGORY_SALES, DAILY_SALES } from '../../src/projections/sales/tables.ts';
import * as slot from '../support/slot-builders.ts';
import { given } from '../support/views.ts';

const { cancelled, claim, confirmed, expired, held, opened, seat, yard } = slot;
const three = claim('yard', { quantity: 3 });
const both = [claim('A1'), three];

/** The event at an instant, as the log has it. */
const at = (instant: string, event: ReturnType<typeof confirmed>) => ({
  event,
  at: Date.parse(instant),
  commandId: null,
  commandHash: null,
});

describe('sales of a day', () => {
  it('count a hold as a booking, not as a sale', () =>
    given(sales, opened(), held('hamlet.1', both)).thenRows(DAILY_SALES, {
      slotId: 'hamlet',
      day: '2027-01-10',
      currency: 'GBP',
      bookingsHeld: 1,
      bookingsConfirmed: 0,
      bookingsExpired: 0,
      bookingsCancelled: 0,
      unitsSold: 0,
      amountSold: 0,
      unitsGivenBack: 0,
      amountGivenBack: 0,
    }));

  it('have what was confirmed, by category too, and not what the confirmation left out', async () => {
    const sold = given(
      sales,
      opened(),
      held('hamlet.1', both),
      confirmed('hamlet.1', [claim('A1'), claim('yard', { quantity: 2 })], [claim('yard')]),
    );
    await sold.thenRows(DAILY_SALES, { bookingsHeld: 1, bookingsConfirmed: 1, unitsSold: 3, amountSold: 5500, unitsGivenBack: 0 });
    await sold.thenRows(
      DAILY_CATEGORY_SALES,
      { category: 'gold', currency: 'GBP', unitsSold: 1, amountSold: 4500 },
      { category: 'standing', currency: 'GBP', unitsSold: 2, amountSold: 1000 },
    );
  });

  it('have what a cancellation gives back of what was sold, whole or in part, and nothing of what was only held', async () => {
    const part = {
      type: 'SeatsReleased',
      bookingId: 'hamlet.1',
      customerId: 'c-17',
      claims: [claim('yard')],
      previousStatus: 'CONFIRMED',
      reason: null,
    } as const;
    const rest = [claim('A1'), claim('yard', { quantity: 2 })];
    const story = [opened(), held('hamlet.1', both), confirmed('hamlet.1', both), part, cancelled('hamlet.1', rest, 'CONFIRMED')] as const;
    await given(sales, ...story).thenRows(DAILY_SALES, {
      bookingsCancelled: 1,
      unitsSold: 4,
      amountSold: 6000,
      unitsGivenBack: 4,
      amountGivenBack: 6000,
    });
    await given(sales, opened(), held('hamlet.1', both), { ...part, previousStatus: 'HELD' }, cancelled('hamlet.1', rest)).thenRows(
      DAILY_SALES,
      {
        bookingsHeld: 1,
        bookingsCancelled: 1,
        unitsGivenBack: 0,
      },
    );
  });

  it('count holds that lapsed', () =>
    given(sales, opened(), held('hamlet.1', both), expired('hamlet.1', both)).thenRows(DAILY_SALES, {
      bookingsHeld: 1,
      bookingsExpired: 1,
      unitsSold: 0,
    }));

  it("go by the slot's own calendar, on either side of midnight and of daylight saving", async () => {
    const inNewYork = opened({ timeZone: 'America/New_York' });
    // In New York midnight is at 4:00 UTC in summer and, from 7 November 2027 on, at 5:00.
    const times = ['2027-11-06T03:59:59Z', '2027-11-06T04:00:00Z', '2027-11-08T04:59:59Z', '2027-11-08T05:00:00Z'];
    const sold = times.map((time, index) => at(time, confirmed(`hamlet.${index}`, [claim('A1')])));
    await given(sales, inNewYork, sold).thenRows(
      DAILY_SALES,
      { day: '2027-11-05', unitsSold: 1 },
      { day: '2027-11-06', unitsSold: 1 },
      { day: '2027-11-07', unitsSold: 1 },
      { day: '2027-11-08', unitsSold: 1 },
    );
    await given(sales, inNewYork, { type: 'SlotChanged', changes: { timeZone: 'Asia/Tokyo' } }, [
      at('2027-11-06T16:00:00Z', confirmed('hamlet.1', [claim('A1')])),
    ]).thenRows(DAILY_SALES, { day: '2027-11-07' });
  });

  it('know the category of a layout, of a unit that was added, and of one that was changed', async () => {
    const layout = {
      streamId: 'layout-hall',
      events: [
        { type: 'LayoutDefined', layoutId: 'hall', name: 'Hall', unitCount: 2 },
        { type: 'LayoutUnitsAdded', layoutId: 'hall', units: [seat('A1'), yard(9)] },
        { type: 'LayoutCompleted', layoutId: 'hall' },
      ],
    } as const;
    const onLayout = opened({ layoutId: 'hall', prices: {}, units: [] });
    const added = { type: 'UnitsAdded', units: [seat('B1', { category: 'box' })] } as const;
    const moved = { type: 'UnitsChanged', changes: [{ unitId: 'A1', category: 'vip', price: 1 }] } as const;
    const one = [claim('A1'), claim('B1')];
    await given(sales, layout, onLayout, added, confirmed('hamlet.1', one), moved, confirmed('hamlet.2', one)).thenRows(
      DAILY_CATEGORY_SALES,
      { category: 'box', unitsSold: 2 },
      { category: 'gold', unitsSold: 1 },
      { category: 'vip', unitsSold: 1 },
    );
  });

  it('cannot be told of a slot or a unit that never was', async () => {
    await given(sales, confirmed('hamlet.1', [claim('A1')])).thenFails(/slot of slot-hamlet was never opened/);
    await given(sales, opened(), confirmed('hamlet.1', [claim('Z9')])).thenFails(/unit Z9 was never part of slot-hamlet/);
  });
});
