import { expect } from 'chai';
import { ReplyError } from 'ioredis';
import { createMemoryEventStore } from '../../../src/eventstore/memory-store.ts';
import { RedisFeeder } from '../../../src/projections/redis/feeder.ts';
import type { RedisInventory } from '../../../src/projections/redis/redis-inventory.ts';

const LOG = { info: () => undefined, warn: () => undefined };

/** A feeder whose Redis fails each time. */
function failing(failure: Error) {
  const told = { connectedAnew: 0 };
  const inventory = {
    layer: () => Promise.reject(failure),
    connectAnew: () => {
      told.connectedAnew += 1;
    },
  } as unknown as RedisInventory;
  const layouts = { load: async () => null };
  return { told, feeder: new RedisFeeder({ inventory, store: createMemoryEventStore(), layouts, log: LOG }) };
}

describe('what feeds Redis, which fails', () => {
  it('is patient for three seconds, and then lets others try, each time anew', async function () {
    this.timeout(20_000);
    const failure = new Error('Command timed out');
    const { feeder, told } = failing(failure);
    for (let time = 1; time <= 2; time += 1) {
      const begun = performance.now();
      let rounds = 0;
      let thrown: unknown = null;
      while (thrown === null) {
        rounds += 1;
        await feeder.round().catch((error: unknown) => {
          thrown = error;
        });
      }
      expect(thrown).to.equal(failure);
      expect(performance.now() - begun, 'milliseconds').to.be.at.least(3_000);
      expect(rounds).to.be.greaterThan(3);
    }
    expect(told.connectedAnew).to.be.greaterThan(6);
  });

  it('leaves a connection that answers nothing, and none that says what is wrong', async () => {
    const silent = failing(new Error('Command timed out'));
    const full = failing(new ReplyError("OOM command not allowed when used memory > 'maxmemory'."));
    await Promise.all([silent.feeder.round(), full.feeder.round()]);

    expect([silent.told.connectedAnew, full.told.connectedAnew]).to.deep.equal([1, 0]);
  });
});
