import { expect } from 'chai';
import type { EventStore } from '../../src/eventstore/event-store.ts';
import { createMemoryEventStore } from '../../src/eventstore/memory-store.ts';
import { createPostgresEventStore } from '../../src/eventstore/postgres-store.ts';
import { acceptedOf, type CommandSide, commandSide, eventsOf, keyed } from '../support/command-side.ts';
import { withDatabase } from '../support/postgres.ts';
import { expectSoldOutAndJust, rush, type Try } from '../support/seat-log.ts';
import { book, bookBest, cancel, POLICY, seats } from '../support/slot-builders.ts';

/** Some forty appends full of bookings. */
const CAPACITY = 6_000;
const CLIENTS = 64;
/** Far above what an answer takes, far below what a starving instance would need. */
const SLOWEST_MS = 8_000;

interface Instances {
  readonly stores: readonly [EventStore, EventStore];
  close(): Promise<void>;
}

function describeTwoServices(where: string, start: () => Promise<Instances>): void {
  describe(`two services on ${where}`, function () {
    this.timeout(30_000);
    let instances: Instances;
    let services: readonly [CommandSide, CommandSide];

    before(async () => {
      instances = await start();
    });
    after(async () => instances.close());
    beforeEach(() => {
      services = [commandSide(instances.stores[0]), commandSide(instances.stores[1])];
    });

    const rows = () => seats(CAPACITY).map(({ unitId }, index) => ({ unitId, category: 'a', price: 1, row: `${Math.floor(index / 30)}` }));
    const rushOn = (service: CommandSide, slotId: string, name: string, seed: number) => {
      let count = 0;
      return rush(CLIENTS, seed, (quantity) => {
        count += 1;
        return service.execute(slotId, bookBest(`${name}-${count}`, quantity), keyed(`${name}-${count}`));
      });
    };

    it('sell a slot out together: exactly its capacity, nothing twice, nobody refused too early, none starving', async () => {
      await services[0].open('rush', { units: rows(), policy: { ...POLICY, holdSeconds: 3_600, maxHoldSeconds: 3_600 } });

      const [here, there] = await Promise.all([rushOn(services[0], 'rush', 'here', 1), rushOn(services[1], 'rush', 'there', 2)]);

      expectSoldOutAndJust(await eventsOf(instances.stores[0], 'rush'), CAPACITY, [...here, ...there]);
      const soldBy = (tries: readonly Try[]) =>
        tries.reduce((sum, { result, quantity }) => sum + (result.kind === 'accepted' ? quantity : 0), 0);
      const slowest = Math.max(...[...here, ...there].map(({ milliseconds }) => milliseconds));
      expect(slowest, 'slowest answer in milliseconds').to.be.lessThan(SLOWEST_MS);
      expect(soldBy(here), 'the share of one').to.be.at.least(CAPACITY / 10);
      expect(soldBy(there), 'the share of the other').to.be.at.least(CAPACITY / 10);
    });

    it('book once when both get the same key at once, many times over', async () => {
      await services[0].open('keys', { units: seats(50) });

      const pairs = await Promise.all(
        Array.from({ length: 40 }, (_, index) =>
          Promise.all(services.map((side, place) => side.execute('keys', bookBest(`k${index}-${place}`, 1), keyed(`k${index}`)))),
        ),
      );

      for (const [one, other] of pairs) {
        expect(acceptedOf(other!).booking).to.deep.equal(acceptedOf(one!).booking);
        expect([acceptedOf(one!).replayed, acceptedOf(other!).replayed].sort()).to.deep.equal([false, true]);
      }
      expect(await eventsOf(instances.stores[1], 'keys')).to.have.length(1 + 2 * 40);
    });

    it('pass a seat back and forth, each taking at once what the other gave back', async () => {
      await services[0].open('passed', { units: seats(1) });

      for (let turn = 0; turn < 20; turn += 1) {
        const [giver, taker] = turn % 2 === 0 ? services : [services[1], services[0]];
        acceptedOf(await giver.ask('passed', book(`t${turn}`, ['A1'])));
        acceptedOf(await taker.ask('passed', cancel(`t${turn}`)));
      }

      expect(await eventsOf(instances.stores[0], 'passed')).to.have.length(1 + 3 * 20);
    });
  });
}

describeTwoServices('one memory store', async () => {
  const store = createMemoryEventStore();
  return { stores: [store, store], close: () => store.close() };
});

describe('on PostgreSQL,', () => {
  const database = withDatabase();

  describeTwoServices('one database', async () => {
    const open = () => createPostgresEventStore({ connectionString: database() });
    const stores = [await open(), await open()] as const;
    return {
      stores,
      close: async () => {
        await Promise.all(stores.map((store) => store.close()));
      },
    };
  });
});
