import { expect } from 'chai';
import { type Explanation, explainUnit } from '../../src/cli/explain/explain-unit.ts';
import type { Attempt } from '../../src/commands/attempts.ts';
import { type Holdfast, openHoldfast } from '../../src/main.ts';
import { DecidedSlot } from '../support/decided-history.ts';
import { withDatabase } from '../support/postgres.ts';
import {
  book,
  cancel,
  change,
  confirm,
  HOUR,
  MINUTE,
  NOW,
  openSlot,
  STARTS,
  seat,
  seats,
  stops,
  stopsAxis,
  yard,
} from '../support/slot-builders.ts';
import { waitUntil } from '../support/wait-until.ts';

describe('explain', function () {
  this.timeout(30_000);
  const database = withDatabase();
  let holdfast: Holdfast;

  const explain = (slotId: string, unitId: string, at: number): Promise<Explanation> => explainUnit(holdfast, slotId, unitId, at);

  before(async () => {
    holdfast = await openHoldfast({ databaseUrl: database(), dataFolder: '' });
  });
  after(() => holdfast.close());

  describe('of a show in winter time', () => {
    before(async () => {
      const { store } = holdfast;
      const show = await DecidedSlot.open(store, openSlot({ units: [...seats(4), yard(10)] }), NOW);
      await show.at(NOW + 3_000, book('hamlet.1', ['A1', 'A2']), book('hamlet.2', ['A3', ['yard', 4]], { customerId: 'c-18' }));
      await show.at(NOW + MINUTE, confirm('hamlet.1'), { type: 'ExtendHold', bookingId: 'hamlet.2', seconds: 900 });
      await show.at(NOW + 2 * MINUTE, cancel('hamlet.1', ['A2'], 'illness'), change('hamlet.2', { drop: [['yard', 1]] }));
      await show.at(NOW + 3 * MINUTE, { type: 'BlockUnits', units: [{ unitId: 'A2' }], span: null, reason: 'sightline' });
      await show.at(NOW + 30 * MINUTE, { type: 'ReleaseExpired', limit: 10 }, book('hamlet.3', ['A3']));
    });

    it('tells who held a seat until the hold ran out, and that the next one has it', async () => {
      const { history, now, timeZone } = await explain('hamlet', 'A3', NOW + 31 * MINUTE);
      expect(timeZone).to.equal('Europe/London');
      expect(history).to.deep.equal([
        'Part of the slot since it was opened at 2027-01-10 12:00:00.',
        'Held by c-18 (booking hamlet.2) from 2027-01-10 12:00:03, the hold extended at 2027-01-10 12:01:00 to 2027-01-10 12:16:00, until it ran out at 2027-01-10 12:16:00.',
        'Held by c-17 (booking hamlet.3) from 2027-01-10 12:30:00 until 2027-01-10 12:40:00 at most.',
      ]);
      expect(now).to.deep.equal(['At 2027-01-10 12:31:00 it is not free: held until 2027-01-10 12:40:00 by c-17 (booking hamlet.3).']);
    });

    it('tells that a hold has run out before there is a record of it', async () => {
      const { history, now } = await explain('hamlet', 'A3', NOW + 20 * MINUTE);
      expect(history.at(-1)).to.match(/until it ran out at 2027-01-10 12:16:00, of which there is no record yet\.$/);
      expect(now).to.deep.equal(['At 2027-01-10 12:20:00 it is free: nobody holds it, nobody has bought it, and it is on sale.']);
    });

    it('tells that a seat was sold', async () => {
      const { history, now } = await explain('hamlet', 'A1', NOW + HOUR);
      expect(history.at(-1)).to.equal(
        'Held by c-17 (booking hamlet.1) from 2027-01-10 12:00:03, sold at 2027-01-10 12:01:00 (payment pay-1), and has it still.',
      );
      expect(now).to.deep.equal(['At 2027-01-10 13:00:00 it is not free: sold to c-17 (booking hamlet.1).']);
    });

    it('tells that a seat was given back by a partial cancellation, and then taken off sale', async () => {
      const { history, now } = await explain('hamlet', 'A2', NOW + HOUR);
      expect(history.slice(1)).to.deep.equal([
        'Held by c-17 (booking hamlet.1) from 2027-01-10 12:00:03, sold at 2027-01-10 12:01:00 (payment pay-1), until it was given back at 2027-01-10 12:02:00 (illness).',
        'Taken off sale at 2027-01-10 12:03:00 (sightline).',
      ]);
      expect(now).to.deep.equal(['At 2027-01-10 13:00:00 it is not free: off sale.']);
    });

    it('counts what is taken of standing places', async () => {
      const { history, now } = await explain('hamlet', 'yard', NOW + 4 * MINUTE);
      expect(history.at(-1)).to.contain('4 of it held by c-18 (booking hamlet.2)').and.contain('1 of them exchanged for something else at');
      expect(now).to.deep.equal([
        'At 2027-01-10 12:04:00 it is 7 of 10 free: 3 held until 2027-01-10 12:16:00 by c-18 (booking hamlet.2).',
      ]);
    });

    it('goes back to before it was held', async () => {
      const { now } = await explain('hamlet', 'A1', NOW);
      expect(now[0]).to.match(/it is free/);
    });

    it('tells who was refused it, on which version, and how many refusals are not on record', async () => {
      const refusal: Attempt = {
        slotId: 'hamlet',
        bookingId: null,
        customerId: 'c-19',
        unitIds: ['A1'],
        code: 'seats-taken',
        asked: '{}',
        slotVersion: 5,
        actor: 'anonymous',
        correlationId: 'r-1',
      };
      holdfast.recorder.record(refusal);
      holdfast.recorder.record({ ...refusal, unitIds: ['A4'], customerId: 'c-20' });
      const filter = { slotId: 'hamlet', limit: 10 };
      await waitUntil('both refusals are on record', async () => {
        const read = await holdfast.attempts.attempts(filter);
        return read.kind === 'found' && read.page.items.length === 2;
      });
      await holdfast.pool.query('INSERT INTO holdfast.attempts_dropped (first_at, last_at, count) VALUES ($1, $1, 7)', [NOW]);
      const { refusalsInWords, refusalsNotRecorded } = await explain('hamlet', 'A1', NOW + HOUR);
      expect(refusalsInWords).to.have.lengthOf(1);
      expect(refusalsInWords[0]).to.match(/ c-19 was refused it: seats-taken, decided on version 5 of the slot\.$/);
      expect(refusalsNotRecorded).to.equal(7);
    });

    it('says that there is no such unit or slot', async () => {
      expect(await explain('hamlet', 'Z9', NOW + HOUR).catch((error: Error) => error.message)).to.equal(
        'slot hamlet had no unit Z9 until then',
      );
      expect(await explain('othello', 'A1', NOW).catch((error: Error) => error.message)).to.equal('there was no slot othello at that time');
    });
  });

  it('tells of a trip stretch by stretch', async () => {
    const trip = await DecidedSlot.open(holdfast.store, openSlot({ slotId: 'trip', axis: stopsAxis(4), units: [seat('A1')] }), NOW);
    await trip.at(NOW, book('trip.1', ['A1'], { span: stops(0, 1) }), book('trip.2', ['A1'], { span: stops(1, 2) }), confirm('trip.1'));
    const { history, now } = await explain('trip', 'A1', NOW + MINUTE);
    expect(history[1]).to.contain('Held by c-17 (booking trip.1) from S0 to S1 from 2027-01-10 12:00:00');
    expect(now).to.deep.equal([
      'At 2027-01-10 12:01:00 it is from S0 to S1 not free: sold to c-17 (booking trip.1).',
      'At 2027-01-10 12:01:00 it is from S1 to S2 not free: held until 2027-01-10 12:10:00 by c-17 (booking trip.2).',
      'At 2027-01-10 12:01:00 it is from S2 to S3 free: nobody holds it, nobody has bought it, and it is on sale.',
    ]);
  });

  it('tells of a car during a rental, in the buffer behind it, and after it', async () => {
    const cars = openSlot({ slotId: 'cars', axis: { type: 'time', bufferMinutes: 30 }, units: [seat('A1')] });
    const fleet = await DecidedSlot.open(holdfast.store, cars, NOW);
    await fleet.at(NOW, book('cars.1', ['A1'], { span: { from: STARTS, to: STARTS + HOUR } }), confirm('cars.1'));
    const during = await explain('cars', 'A1', STARTS + MINUTE);
    expect(during.now[0]).to.equal(
      'At 2027-01-15 19:31:00 it is not free: sold to c-17 (booking cars.1) for 2027-01-15 19:30:00 to 2027-01-15 20:30:00.',
    );
    expect((await explain('cars', 'A1', STARTS + HOUR + MINUTE)).now[0]).to.match(/not free: sold .*, now in the buffer behind it\.$/);
    expect((await explain('cars', 'A1', STARTS + 2 * HOUR)).now[0]).to.match(/it is free/);
  });

  it('says that a free unit of a closed slot can be booked by nobody, and that a withdrawn one is gone', async () => {
    const play = await DecidedSlot.open(holdfast.store, openSlot({ slotId: 'lear' }), NOW);
    await play.at(
      NOW + MINUTE,
      { type: 'CloseSlot', reason: null },
      { type: 'WithdrawUnits', units: [{ unitId: 'A2' }], reason: 'broken' },
    );
    expect((await explain('lear', 'A1', NOW + HOUR)).now).to.deep.equal([
      'At 2027-01-10 13:00:00 it is free: nobody holds it, nobody has bought it, and it is on sale.',
      'But nobody can book it then: the slot is closed.',
    ]);
    const gone = await explain('lear', 'A2', NOW + HOUR);
    expect(gone.history.at(-1)).to.equal('Withdrawn for good at 2027-01-10 12:01:00 (broken).');
    expect(gone.now).to.deep.equal(['At 2027-01-10 13:00:00 it is not part of the slot.']);
  });

  it('says that a unit that was withdrawn while it was off sale is on sale when it comes back', async () => {
    const play = await DecidedSlot.open(holdfast.store, openSlot({ slotId: 'macbeth' }), NOW);
    const units = [{ unitId: 'A1' }];
    await play.at(NOW, { type: 'BlockUnits', units, span: null, reason: null }, { type: 'WithdrawUnits', units, reason: null });
    await play.at(NOW + MINUTE, { type: 'AddUnits', units: [seat('A1')] });
    expect((await explain('macbeth', 'A1', NOW + HOUR)).now[0]).to.match(/it is free: nobody holds it/);
  });

  it('counts what is taken by more bookings than are told', async () => {
    const bookings = 510;
    const field = await DecidedSlot.open(holdfast.store, openSlot({ slotId: 'field', units: [yard(2_000)] }), NOW);
    const ids = Array.from({ length: bookings }, (_, index) => `field.${index + 1}`);
    await field.at(NOW, ...ids.flatMap((id) => [book(id, [['yard', 1]]), confirm(id)]));
    const { history, now } = await explain('field', 'yard', NOW + HOUR);
    expect(history[0]).to.equal('Only the newest 1000 events of it are told.');
    expect(now).to.have.length(1);
    expect(now[0]).to.match(/it is 1490 of 2000 free: sold to c-17 \(booking field\.1\), .*, and 490 more bookings\.$/);
  });
});
