import { expect } from 'chai';
import type { Service } from '../../src/main.ts';
import { aShow, at, ContractClient, each, expectProblem, seen } from '../support/contract.ts';
import { withDatabase } from '../support/postgres.ts';
import { startService } from '../support/service.ts';

const ROUNDS = 30;

describe('the record of a refusal', function () {
  this.timeout(30_000);
  const database = withDatabase();
  let service: Service;
  let api: ContractClient;

  const refuse = async (customerId: string) => {
    const refused = await api.book('hamlet', { customerId, units: ['A1'] });
    expectProblem(refused, 409, 'seats-taken');
    return { refused, path: String(at(refused.body, '/instance')).replace('/api/v1', '') };
  };

  before(async () => {
    service = await startService(database());
    api = new ContractClient(() => service.url);
    await api.open(aShow('hamlet'));
    await api.hold('hamlet', { units: ['A1'] });
  });
  after(() => service?.stop());

  it('is at the address that the refusal names, as soon as it is named', async () => {
    for (let round = 0; round < ROUNDS; round += 1) {
      const { refused, path } = await refuse('c-18');
      const found = await api.get(path, round % 2 === 0 ? {} : seen(refused));
      expect([found.status, at(found.body, '/attemptId')], `round ${round}`).to.deep.equal([200, path.split('/').at(-1)]);
    }
  });

  it('is in the lists that it belongs to, so that absence is never told of what was refused', async () => {
    for (let round = 0; round < ROUNDS; round += 1) {
      const customerId = `c-${round}-refused`;
      const { path } = await refuse(customerId);
      const listed = await api.ok(200, api.get(`/audit/attempts?customerId=${customerId}`));
      expect([each(listed.body, '/items', '/attemptId'), at(listed.body, '/dropped')]).to.deep.equal([[path.split('/').at(-1)], 0]);
    }
  });

  describe('while the database takes none', () => {
    let early: string;
    let late: string;

    before(async () => {
      early = (await refuse('c-before')).path;
      await api.ok(200, api.get(early));
      await service.pool.query('ALTER TABLE holdfast.attempts ADD CONSTRAINT takes_none CHECK (false) NOT VALID');
      late = (await refuse('c-during')).path;
    });

    it('is not told to be absent: 503 within the time that the client grants', async () => {
      for (const path of ['/audit/attempts?customerId=c-during', late]) {
        const begun = performance.now();
        expectProblem(await api.get(path, { Prefer: 'wait=1' }), 503, 'view-behind');
        expect(performance.now() - begun, path).to.be.within(950, 1_950);
        expectProblem(await api.get(path, { Prefer: 'wait=0' }), 503, 'view-behind');
      }
    });

    it('is read where it was written before', async () => {
      const found = await api.ok(200, api.get(early, { Prefer: 'wait=0' }));
      expect(at(found.body, '/customerId')).to.equal('c-before');
    });

    it('comes as soon as it can be written, to those who wait for it', async () => {
      const waiting = api.get('/audit/attempts?customerId=c-during', { Prefer: 'wait=10' });
      await service.pool.query('ALTER TABLE holdfast.attempts DROP CONSTRAINT takes_none');
      expect(each((await api.ok(200, waiting)).body, '/items', '/customerId')).to.deep.equal(['c-during']);
    });
  });
});
