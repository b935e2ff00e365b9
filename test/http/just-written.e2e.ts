import { expect } from 'chai';
import type { Service } from '../../src/main.ts';
import { aShow, at, ContractClient, each } from '../support/contract.ts';
import { withDatabase } from '../support/postgres.ts';
import { startService } from '../support/service.ts';
import { header } from './client.ts';

const ROUNDS = 20;

describe('what a client has just written', function () {
  this.timeout(30_000);
  const database = withDatabase();
  let service: Service;
  let api: ContractClient;
  const yard = { units: [{ unitId: 'yard', quantity: 1 }] };

  before(async () => {
    service = await startService(database());
    api = new ContractClient(() => service.url);
    for (let round = 0; round < ROUNDS; round += 1) await api.open(aShow(`show-${round}`));
  });
  after(() => service?.stop());

  /** Follows an address that an answer gave, as it was given and with no position. */
  const follow = (address: string) => api.get(address.replace('/api/v1', ''));

  it('is a booking at its Location, in the state that was answered last, though no position is named', async () => {
    for (let round = 0; round < ROUNDS; round += 1) {
      const held = await api.ok(201, api.book(`show-${round}`, yard));
      const location = header(held, 'Location');
      const path = location.replace('/api/v1', '');
      expect((await api.ok(200, follow(location))).body, `held, round ${round}`).to.deep.equal(held.body);
      const confirmed = await api.ok(200, api.post(`${path}/confirm`, { paymentReference: 'p' }));
      expect((await api.ok(200, follow(location))).body, `confirmed, round ${round}`).to.deep.equal(confirmed.body);
      const cancelled = await api.ok(200, api.post(`${path}/cancel`, {}));
      expect((await api.ok(200, follow(location))).body, `cancelled, round ${round}`).to.deep.equal(cancelled.body);
    }
  });

  it('is among the bookings of its customer', async () => {
    for (let round = 0; round < ROUNDS; round += 1) {
      const bookingId = await api.hold(`show-${round}`, { customerId: `c ${round}`, ...yard });
      const path = round % 2 === 0 ? `/customers/c%20${round}/bookings` : `/bookings?customerId=c%20${round}`;
      expect(each((await api.ok(200, api.get(path))).body, '/items', '/bookingId'), path).to.deep.equal([bookingId]);
    }
  });

  it('is a layout at its Location', async () => {
    for (let round = 0; round < ROUNDS; round += 1) {
      const layout = { name: `Hall ${round}`, units: [{ unitId: 'A1', category: 'gold' }] };
      const defined = await api.ok(201, api.post('/layouts', layout));
      expect(at((await api.ok(200, follow(header(defined, 'Location')))).body, '/name')).to.equal(layout.name);
    }
  });

  it('is a slot that is looked for by the reference that it was given', async () => {
    for (let round = 0; round < ROUNDS; round += 1) {
      await api.open(aShow(`own-${round}`, { reference: `hall ${round}` }));
      expect(each((await api.ok(200, api.get(`/slots?reference=hall%20${round}`))).body, '/items', '/slotId')).to.deep.equal([
        `own-${round}`,
      ]);
    }
  });
});
