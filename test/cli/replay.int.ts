import { expect } from 'chai';
import type { Lines } from '../../src/cli/lines.ts';
import { replay } from '../../src/cli/replay.ts';
import { type Holdfast, openHoldfast } from '../../src/main.ts';
import type { AsOf } from '../../src/queries/audit.ts';
import { DecidedSlot } from '../support/decided-history.ts';
import { withDatabase } from '../support/postgres.ts';
import { book, cancel, confirm, MINUTE, NOW, openSlot, seats, yard } from '../support/slot-builders.ts';

describe('replay', function () {
  this.timeout(30_000);
  const database = withDatabase();
  let holdfast: Holdfast;

  async function printed(stream: string, asOf: AsOf = { kind: 'now' }, json = false): Promise<readonly string[]> {
    const all: string[] = [];
    const lines: Lines = { write: async (more) => all.push(...more) > 0 || true };
    await replay(holdfast, stream, asOf, { json, lines });
    return all;
  }

  before(async () => {
    holdfast = await openHoldfast({ databaseUrl: database(), dataFolder: '' });
    const show = await DecidedSlot.open(holdfast.store, openSlot({ units: [...seats(4), yard(10)] }), NOW);
    await show.at(NOW + MINUTE, book('hamlet.1', ['A1', ['yard', 3]]));
    await show.at(NOW + 2 * MINUTE, confirm('hamlet.1'), {
      type: 'BlockUnits',
      units: [{ unitId: 'A4' }],
      span: null,
      reason: 'wet paint',
    });
    await show.at(NOW + 3 * MINUTE, cancel('hamlet.1', [['yard', 1]], 'fewer'));
  });
  after(() => holdfast.close());

  it('tells the events in words and what they come to', async () => {
    expect(await printed('slot-hamlet')).to.deep.equal([
      '    1  2027-01-10T12:00:00Z      SlotOpened: "Hamlet" (theatre) is opened as OPEN with 5 units of its own, starts 2027-01-15T19:30:00Z',
      '    2  2027-01-10T12:01:00Z      BookingRequested: hamlet.1 of c-17: asks for A1, yard ×3',
      '    3  2027-01-10T12:01:00Z      SeatsHeld: hamlet.1 of c-17: holds A1, yard ×3 at 6000 until 2027-01-10T12:11:00Z',
      '    4  2027-01-10T12:02:00Z      BookingConfirmed: hamlet.1 of c-17: buys A1, yard ×3 at 6000 (payment pay-1)',
      '    5  2027-01-10T12:02:00Z      UnitsBlocked: A4 taken off sale (wet paint)',
      '    6  2027-01-10T12:03:00Z      SeatsReleased: hamlet.1 of c-17: gives back yard, keeps the rest (fewer)',
      '',
      'hamlet at version 6 (position 6): "Hamlet" (theatre), OPEN',
      'capacity 14: 10 free, 0 held, 3 sold, 1 blocked',
      'sold  hamlet.1 of c-17: A1, yard ×2',
      'off sale: A4',
    ]);
  });

  it('takes the bare id of a slot as well', async () => {
    expect(await printed('hamlet')).to.deep.equal(await printed('slot-hamlet'));
  });

  it('stops at a version', async () => {
    const lines = await printed('hamlet', { kind: 'version', version: 3 });
    expect(lines).to.have.lengthOf(7);
    expect(lines.slice(-3)).to.deep.equal([
      'hamlet at version 3 (position 3): "Hamlet" (theatre), OPEN',
      'capacity 14: 10 free, 4 held, 0 sold, 0 blocked',
      'held  hamlet.1 of c-17: A1, yard ×3, until 2027-01-10T12:11:00Z',
    ]);
  });

  it('stops at an instant, with everything up to it', async () => {
    const lines = await printed('hamlet', { kind: 'instant', at: NOW + 2 * MINUTE });
    expect(lines.filter((line) => /^ +\d+ /.test(line))).to.have.lengthOf(5);
    expect(lines.at(-3)).to.equal('capacity 14: 9 free, 0 held, 4 sold, 1 blocked');
  });

  it('shows a hold as gone at an instant after it ran out', async () => {
    const open = await DecidedSlot.open(holdfast.store, openSlot({ slotId: 'lear' }), NOW);
    await open.at(NOW, book('lear.1', ['A1']));
    const lines = await printed('lear', { kind: 'instant', at: NOW + 10 * MINUTE });
    expect(lines.at(-1)).to.match(/^capacity 14: 14 free, 0 held/);
  });

  it('gives events and state as JSON lines', async () => {
    const documents = (await printed('hamlet', { kind: 'version', version: 2 }, true)).map((line) => JSON.parse(line));
    expect(documents).to.have.lengthOf(3);
    expect(documents[1]).to.deep.include({ streamId: 'slot-hamlet', version: 2, type: 'BookingRequested', time: '2027-01-10T12:01:00Z' });
    expect(documents[2].state).to.deep.include({ slotId: 'hamlet', version: 2, startsAt: '2027-01-15T19:30:00Z' });
  });

  it('says so when nothing had happened yet, and when there is no such version or stream', async () => {
    const failure = (attempt: Promise<unknown>) =>
      attempt.then(
        () => null,
        (error: Error) => error.message,
      );
    expect(await printed('hamlet', { kind: 'instant', at: NOW - 1 })).to.deep.equal(['Nothing had happened to slot-hamlet by then.']);
    expect(await failure(printed('hamlet', { kind: 'version', version: 7 }))).to.equal(
      'slot-hamlet has no version 7: it ends at version 6',
    );
    expect(await failure(printed('othello'))).to.equal('there is no stream othello');
  });
});
