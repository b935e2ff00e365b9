import { expect } from 'chai';
import { openHoldfast, type Service } from '../../src/main.ts';
import { context } from '../support/command-side.ts';
import { withDatabase } from '../support/postgres.ts';
import { startService } from '../support/service.ts';
import { openSlot } from '../support/slot-builders.ts';

const SLOTS = 200;

describe('a service that starts on a log which its views have not seen', function () {
  this.timeout(60_000);
  const database = withDatabase();
  let service: Service | null = null;

  before(async () => {
    const holdfast = await openHoldfast({ databaseUrl: database(), dataFolder: '' });
    for (let n = 0; n < SLOTS; n += 1) {
      const slotId = `unseen-${n}`;
      const opened = await holdfast.commands.execute(slotId, { ...openSlot(), slotId }, context());
      expect(opened.kind).to.equal('accepted');
    }
    await holdfast.close();
    service = await startService(database());
  });

  after(() => service?.stop());

  it('knows all of it from its first answer on', async () => {
    const answer = await fetch(`${service?.url}/api/v1/slots/unseen-${SLOTS - 1}`);
    expect(answer.status).to.equal(200);
  });
});
