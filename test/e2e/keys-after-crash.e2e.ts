import { expect } from 'chai';
import type { Service } from '../../src/main.ts';
import { ask, type Reply, type Request, show } from '../support/api.ts';
import { type Cut, startCuttingProxy } from '../support/cutting-proxy.ts';
import { withDatabase } from '../support/postgres.ts';
import { startService } from '../support/service.ts';

const IN_FLIGHT = '409 request-in-flight';
const REUSED = '422 idempotency-key-reused';
const UNKNOWN = '503 outcome-unknown';

describe('an Idempotency-Key of a request whose service loses PostgreSQL on the way', function () {
  this.timeout(60_000);
  const database = withDatabase();
  let healthy: Service;

  before(async () => {
    healthy = await startService(database());
  });
  after(() => healthy.stop());

  /** What a service tells that is cut off for good at the first message with the needle. */
  async function cutOff(cut: Cut, needle: string, path: string, request: Request): Promise<string> {
    const proxy = await startCuttingProxy(database());
    const service = await startService(proxy.connectionString, { releaseProcess: false });
    try {
      const happened = proxy.cutOnce(cut, needle).then(() => proxy.shut());
      const answered = ask(service.url, path, request);
      await happened;
      const told = tell(await answered);
      await proxy.open();
      return told;
    } finally {
      await service.stop();
      await proxy.shut();
    }
  }

  const send = async (path: string, request: Request) => tell(await ask(healthy.url, path, request));
  const isThere = async (slotId: string) => (await ask(healthy.url, `/audit/slots/${slotId}`)).status === 200;
  /** Lets eleven minutes pass for all reservations. */
  const growOld = () => healthy.pool.query('UPDATE holdfast.request_keys SET reserved_at = reserved_at - 660000');

  describe('to open a slot', () => {
    const opening = (key: string) => {
      const body = { ...show(`${key}-1`, {}), title: `Title of ${key}` };
      return { key, same: { key, body }, other: { key, body: { ...body, slotId: `${key}-2` } } };
    };

    it('is kept for its body before the append, and goes to another one only after a while', async () => {
      const { same, other } = opening('not-written');

      expect(await cutOff('before-delivery', 'Title of not-written', '/slots', same)).to.equal(UNKNOWN);

      expect(await send('/slots', other)).to.equal(IN_FLIGHT);
      await growOld();
      expect(await send('/slots', other)).to.equal('201');
      expect(await send('/slots', same)).to.equal(REUSED);
      expect([await isThere('not-written-1'), await isThere('not-written-2')]).to.deep.equal([false, true]);
    });

    it('opens it for the same body at once', async () => {
      const { same, other } = opening('sent-again');

      expect(await cutOff('before-delivery', 'Title of sent-again', '/slots', same)).to.equal(UNKNOWN);

      expect(await send('/slots', same)).to.equal('201');
      expect(await send('/slots', same)).to.equal('201 replay');
      expect(await send('/slots', other)).to.equal(REUSED);
    });

    it('is bound by the append, whoever learned of it, for ever', async () => {
      const { same, other } = opening('written');

      expect(await cutOff('before-answer', 'Title of written', '/slots', same)).to.equal(UNKNOWN);

      expect(await send('/slots', other)).to.equal(REUSED);
      await growOld();
      expect(await send('/slots', other)).to.equal(REUSED);
      expect(await send('/slots', same)).to.equal('201 replay');
      expect([await isThere('written-1'), await isThere('written-2')]).to.deep.equal([true, false]);
    });

    it('does nothing when it is not known whether the key was reserved', async () => {
      const { same, other } = opening('unreserved');

      expect(await cutOff('before-answer', 'INSERT INTO holdfast.request_keys', '/slots', same)).to.equal('503 unavailable');

      expect(await isThere('unreserved-1')).to.equal(false);
      expect(await send('/slots', other)).to.equal(IN_FLIGHT);
      expect(await send('/slots', same)).to.equal('201');
      expect(await send('/slots', other)).to.equal(REUSED);
    });
  });

  describe('to store a layout', () => {
    const storing = (key: string) => {
      const layout = (unitId: string) => ({ key, body: { name: `Hall of ${key}`, units: [{ unitId }] } });
      return { same: layout('A1'), other: layout('A2') };
    };

    it('is kept for its body where the answer was not, and goes to another one only after a while', async () => {
      const { same, other } = storing('unkept');

      expect(await cutOff('before-delivery', 'SET answer', '/layouts', same)).to.equal(UNKNOWN);

      expect(await send('/layouts', other)).to.equal(IN_FLIGHT);
      await growOld();
      expect(await send('/layouts', other)).to.equal('201');
      expect(await send('/layouts', same)).to.equal(REUSED);
    });

    it('finds for the same body what was stored, and knows that it was for this key', async () => {
      const { same, other } = storing('found');

      expect(await cutOff('before-delivery', 'SET answer', '/layouts', same)).to.equal(UNKNOWN);

      expect(await send('/layouts', same)).to.equal('201');
      expect(await send('/layouts', same)).to.equal('201 replay');
      expect(await send('/layouts', { ...same, key: 'found by another' })).to.equal('200');
      expect(await send('/layouts', other)).to.equal(REUSED);
    });

    it('is bound by the answer that was kept, whoever learned of it', async () => {
      const { same, other } = storing('kept');

      expect(await cutOff('before-answer', 'SET answer', '/layouts', same)).to.equal(UNKNOWN);

      expect(await send('/layouts', other)).to.equal(REUSED);
      expect(await send('/layouts', same)).to.equal('201 replay');
    });
  });
});

/** Status and code; that a success was given before. */
function tell({ status, headers, body }: Reply): string {
  if (status >= 400) return `${status} ${body.code}`;
  return headers.get('Idempotent-Replay') === 'true' ? `${status} replay` : String(status);
}
