import { randomUUID } from 'node:crypto';
import { expect } from 'chai';
import type { KeyedRequest, KnownKey, RequestKeys } from '../../src/eventstore/request-keys.ts';

/** Longer than any test takes, and so short that nothing is that old. */
const LONG = 3_600_000;

interface KeysInTest {
  readonly keys: RequestKeys;
  close(): Promise<void>;
}

/** A key that no other test uses, for the body given. */
function request(bodyHash = 'body', changes: Partial<KeyedRequest> = {}): KeyedRequest {
  return { commandId: randomUUID(), bodyHash, slotId: 'hamlet', ...changes };
}

/** What every keeper of keys promises, whatever it keeps them in. */
export function describeRequestKeysContract(name: string, open: () => Promise<KeysInTest>): void {
  describe(`keys of requests, kept by ${name}`, () => {
    let opened: KeysInTest | null = null;
    let keys: RequestKeys;
    before('open it', async function () {
      this.timeout(60_000);
      opened = await open();
      keys = opened.keys;
    });
    after('close it', () => opened?.close());

    const reserved = async (wanted: KeyedRequest): Promise<string> => {
      const reservation = await keys.reserve(wanted);
      if (reservation === null) throw new Error('The key was expected to be free.');
      return reservation;
    };
    const known = async ({ commandId }: KeyedRequest): Promise<KnownKey> => {
      const found = await keys.find(commandId);
      if (found === null) throw new Error('The key was expected to be known.');
      return found;
    };

    it('reserves a key for one body, which may share it', async () => {
      const hamlet = request();
      const reservation = await reserved(hamlet);

      expect(await keys.reserve({ ...hamlet, bodyHash: 'other', slotId: 'lear' })).to.equal(null);
      expect(await keys.reserve(hamlet)).to.equal(reservation);
      expect(await keys.find(hamlet.commandId)).to.deep.equal({ ...hamlet, reservation, answer: null });
      expect(await keys.find(request().commandId)).to.equal(null);
    });

    it('reserves it for one of many bodies that come at once', async () => {
      const wanted = request();
      const bodies = Array.from({ length: 20 }, (_, index) => ({ ...wanted, bodyHash: `body-${index}` }));

      const reservations = await Promise.all(bodies.map((one) => keys.reserve(one)));

      const winner = bodies[reservations.findIndex((one) => one !== null)];
      expect(reservations.filter((one) => one !== null)).to.have.length(1);
      expect(await known(wanted)).to.include({ bodyHash: winner?.bodyHash });
    });

    it('frees it when the last one who shares it was refused', async () => {
      const hamlet = request();
      const [reservation] = [await reserved(hamlet), await reserved(hamlet)];

      await keys.release(hamlet.commandId, reservation);
      expect(await keys.reserve({ ...hamlet, bodyHash: 'other' }), 'one is left').to.equal(null);
      await keys.release(hamlet.commandId, reservation);

      expect(await keys.find(hamlet.commandId)).to.equal(null);
      expect(await reserved({ ...hamlet, bodyHash: 'other' })).to.not.equal(reservation);
    });

    it('frees it once when all who share it are refused at once', async () => {
      const hamlet = request();
      const reservations = await Promise.all(Array.from({ length: 10 }, () => reserved(hamlet)));

      await Promise.all(reservations.map((reservation) => keys.release(hamlet.commandId, reservation)));

      expect(await keys.find(hamlet.commandId)).to.equal(null);
    });

    it('passes it on to another body only when nobody has come for as long as is said', async () => {
      const hamlet = request();
      const reservation = await reserved(hamlet);
      const lear = { ...hamlet, bodyHash: 'other', slotId: 'lear' };

      expect(await keys.takeOver(await known(hamlet), lear, LONG)).to.equal(null);
      const taken = await keys.takeOver(await known(hamlet), lear, 0);

      expect(taken).to.be.a('string').and.not.equal(reservation);
      expect(await keys.find(hamlet.commandId)).to.deep.equal({ ...lear, reservation: taken, answer: null });
    });

    it('passes it on once, and the one before has no more to say', async () => {
      const hamlet = request();
      const reservation = await reserved(hamlet);
      const before = await known(hamlet);
      const others = Array.from({ length: 10 }, (_, index) => ({ ...hamlet, bodyHash: `body-${index}` }));

      const taken = await Promise.all(others.map((other) => keys.takeOver(before, other, 0)));

      expect(taken.filter((one) => one !== null)).to.have.length(1);
      await keys.release(hamlet.commandId, reservation);
      expect(await keys.bind(hamlet.commandId, reservation, 'late')).to.equal(false);
      expect(await known(hamlet)).to.deep.include({ reservation: taken.find((one) => one !== null), answer: null });
    });

    it('binds it to the first answer for good', async () => {
      const layout = request('body', { slotId: null });
      const reservation = await reserved(layout);

      expect(await keys.bind(layout.commandId, reservation, '{"status":201}')).to.equal(true);
      expect(await keys.bind(layout.commandId, reservation, '{"status":200}')).to.equal(false);
      await keys.release(layout.commandId, reservation);

      expect(await known(layout)).to.include({ answer: '{"status":201}' });
      expect(await keys.reserve(layout)).to.equal(null);
      expect(await keys.takeOver(await known(layout), { ...layout, bodyHash: 'other' }, 0)).to.equal(null);
    });

    it('forgets the oldest of those that are of no slot, a few at a time', async () => {
      while ((await keys.forget(0, 100)) > 0);
      const slot = request();
      const layouts = [request('body', { slotId: null }), request('body', { slotId: null }), request('body', { slotId: null })];
      await reserved(slot);
      for (const layout of layouts) await keys.bind(layout.commandId, await reserved(layout), '{}');

      expect(await keys.forget(LONG, 100)).to.equal(0);
      expect(await keys.forget(0, 2)).to.equal(2);
      expect(await keys.forget(0, 2)).to.equal(1);

      for (const layout of layouts) expect(await keys.find(layout.commandId)).to.equal(null);
      expect(await known(slot)).to.include({ slotId: 'hamlet' });
    });
  });
}
