import { expect } from 'chai';
import { sampleSlots } from '../../src/integrations/sample.ts';
import { expectSlotBody } from '../support/import-bodies.ts';

describe('the sample', () => {
  for (const [season, now, show] of [
    ['winter', '2027-01-02T03:04:05Z', '2027-02-01T19:30:00.000Z'],
    // 30 days before the clocks go back: the show is in standard time, though today is not.
    ['a change of clocks', '2027-10-05T12:00:00Z', '2027-11-04T19:30:00.000Z'],
    ['summer', '2027-05-01T00:00:00Z', '2027-05-31T18:30:00.000Z'],
  ] as const) {
    it(`has something of each kind to book, 30 days ahead at fixed local times, in ${season}`, () => {
      const commands = sampleSlots(Date.parse(now)).map(expectSlotBody);
      expect(commands.map(({ slotId, axis }) => [slotId, axis.type])).to.deep.equal([
        ['hamlet', 'whole'],
        ['bus-42', 'stops'],
        ['cars-airport', 'time'],
      ]);
      expect(new Date(commands[0]?.startsAt ?? 0).toISOString()).to.equal(show);
      expect(commands[0]?.units.some(({ capacity }) => capacity !== undefined)).to.equal(true);
    });
  }
});
