import { expect } from 'chai';
import { importInProcess } from '../../src/cli/import-in-process.ts';
import { importOverHttp } from '../../src/cli/import-over-http.ts';
import { openWithBlocks } from '../../src/cli/import-slots.ts';
import type { ImportTarget, NamedSlot } from '../../src/cli/import-target.ts';
import type { SlotCommand } from '../../src/domain/slot/commands.ts';
import type { Holdfast, Service } from '../../src/main.ts';
import { openHoldfast, startHoldfast } from '../../src/main.ts';
import { withDatabase } from '../support/postgres.ts';

const SLOT: NamedSlot = {
  slotId: 'flight-1',
  category: 'flight',
  title: 'Flight 1',
  startsAt: '2027-01-15T09:00:00Z',
  currency: 'GBP',
  policy: { acceptPast: true },
  units: ['1A', '1B', '1C', '1D'].map((unitId) => ({ unitId, category: 'economy', price: 500 })),
};
const BLOCKED = new Map([
  ['restricted', ['1B']],
  ['not offered', ['1C', '1D']],
]);
const NEVER_STOPPED = { signal: new AbortController().signal };
const OPERATOR = { commandId: null, commandHash: null, ifMatch: null, actor: 'operator', correlationId: 'test' };
const LAYOUT = { name: 'Coach', units: [{ unitId: '1A', category: 'seat' }] };

interface Ways {
  readonly name: string;
  readonly start: (
    databaseUrl: string,
  ) => Promise<{ readonly parts: Holdfast; readonly target: ImportTarget; readonly stop: () => Promise<void> }>;
}

const WAYS: readonly Ways[] = [
  {
    name: 'into the data',
    async start(databaseUrl) {
      const parts = await openHoldfast({ databaseUrl, dataFolder: '' });
      const target = importInProcess(parts);
      return { parts, target, stop: () => target.close() };
    },
  },
  {
    name: 'through a running service',
    async start(databaseUrl) {
      const options = { host: '127.0.0.1', port: 0, corsOrigins: [], releaseProcess: false, logLevel: 'silent' };
      const service: Service = await startHoldfast({ ...options, databaseUrl, dataFolder: '' });
      return { parts: service, target: importOverHttp(service.url, NEVER_STOPPED), stop: () => service.stop() };
    },
  },
];

for (const { name, start } of WAYS) {
  describe(`an import ${name}`, () => {
    const database = withDatabase();
    let parts: Holdfast;
    let target: ImportTarget;
    let stop: () => Promise<void>;

    before(async function () {
      this.timeout(30_000);
      ({ parts, target, stop } = await start(database()));
    });
    after(async () => stop?.());

    const eventsOf = async (slotId: string) => (await parts.store.readStream(`slot-${slotId}`, 1, 100)).map(({ type }) => type);
    const openWith = (slotId: string) => openWithBlocks(target, { ...SLOT, slotId }, BLOCKED);

    it('opens a slot for sale only when all that is not for sale is blocked', async () => {
      expect(await openWith('flight-1')).to.deep.equal({ kind: 'done' });
      const events = await eventsOf('flight-1');
      expect(events.map((type) => type.replace(/^.*[.:]/, ''))).to.deep.equal([
        'SlotOpened',
        'UnitsBlocked',
        'UnitsBlocked',
        'SlotReopened',
      ]);
      const [opened] = await parts.store.readStream('slot-flight-1', 1, 1);
      expect(JSON.parse(opened?.data ?? '{}')).to.include({ status: 'CLOSED' });
    });

    it('changes nothing when it is run again, with the same content or another', async () => {
      await openWith('flight-2');
      const before = await parts.store.headPosition();
      expect(await openWith('flight-2')).to.deep.equal({ kind: 'present' });
      const later = { ...SLOT, slotId: 'flight-2', startsAt: '2027-01-16T09:00:00Z' };
      expect(await openWithBlocks(target, later, BLOCKED)).to.deep.equal({ kind: 'present' });
      expect(await parts.store.headPosition()).to.equal(before);
    });

    it('makes good an import that was cut off after the slot was opened', async () => {
      await target.openSlot({ ...SLOT, slotId: 'flight-3', status: 'CLOSED' });
      expect(await openWith('flight-3')).to.deep.equal({ kind: 'done' });
      expect(await eventsOf('flight-3')).to.have.lengthOf(4);
    });

    it('leaves a slot alone that is on sale, though more of its units are off sale in the file now', async () => {
      await openWith('flight-6');
      const before = await parts.store.headPosition();
      const more = new Map([...BLOCKED, ['in repair', ['1A']]]);
      expect(await openWithBlocks(target, { ...SLOT, slotId: 'flight-6' }, more)).to.deep.equal({ kind: 'present' });
      expect(await parts.store.headPosition()).to.equal(before);
    });

    it('leaves a slot alone that operators have dealt with since it was cut off', async () => {
      const deeds: readonly SlotCommand[] = [
        { type: 'BlockUnits', units: [{ unitId: '1A' }], span: null, reason: 'kept for the crew' },
        { type: 'ChangeUnits', changes: [{ unitId: '1A', price: 700 }] },
        { type: 'CancelSlot', reason: null },
      ];
      for (const deed of deeds) {
        const slotId = `flight-7-${deed.type}`;
        await target.openSlot({ ...SLOT, slotId, status: 'CLOSED' });
        await parts.commands.execute(slotId, deed, OPERATOR);
        expect(await openWith(slotId), deed.type).to.deep.equal({ kind: 'present' });
        expect(await eventsOf(slotId), deed.type).to.have.lengthOf(2);
      }
    });

    it('says so where it cannot tell whether a closed slot is its own', async () => {
      const others: readonly Partial<NamedSlot>[] = [{ title: 'Another flight' }, { metadata: { seatMapId: 'other' } }, { units: [] }];
      for (const [index, other] of others.entries()) {
        const slotId = `flight-8-${index}`;
        await target.openSlot({ ...SLOT, ...other, slotId, status: 'CLOSED' });
        const result = await openWith(slotId);
        expect(result, slotId).to.have.property('kind', 'refused');
        expect(result)
          .to.have.property('reason')
          .that.matches(/^it is there, closed, with other content/);
        expect(await eventsOf(slotId)).to.have.lengthOf(1);
      }
      await target.openSlot({ ...SLOT, slotId: 'flight-9', status: 'CLOSED' });
      await target.blockUnits('flight-9', ['1A'], 'restricted');
      expect(await openWith('flight-9')).to.have.property('kind', 'refused');
      expect(await eventsOf('flight-9')).to.have.lengthOf(2);
    });

    it('leaves a slot alone that somebody else opened', async () => {
      const described = { category: 'flight', title: 'Theirs', venue: null, startsAt: null, endsAt: null, timeZone: 'UTC' };
      const policy = { holdSeconds: 600, maxHoldSeconds: 1800, maxUnitsPerBooking: 10, orphanSeats: 'allow', acceptPast: true } as const;
      const sales = { salesFrom: null, salesUntil: null, reference: null, metadata: {}, policy, currency: 'GBP', status: 'OPEN' } as const;
      const content = { axis: { type: 'whole' }, layoutId: null, prices: null, units: [] } as const;
      await parts.commands.execute('flight-4', { type: 'OpenSlot', slotId: 'flight-4', ...described, ...sales, ...content }, OPERATOR);
      expect(await openWith('flight-4')).to.deep.equal({ kind: 'present' });
      expect(await eventsOf('flight-4')).to.have.lengthOf(1);
    });

    it('tells why a slot is refused, and where', async () => {
      const result = await target.openSlot({ ...SLOT, slotId: 'flight-5', currency: 'ABC' });
      expect(result).to.have.property('kind', 'refused');
      expect(result).to.have.property('reason').that.includes('/currency');
      expect(await eventsOf('flight-5')).to.deep.equal([]);
    });

    it('defines a layout once', async () => {
      const first = await target.defineLayout(LAYOUT);
      const again = await target.defineLayout(LAYOUT);
      expect([first.created, again.created]).to.deep.equal([true, false]);
      expect(again.layoutId).to.equal(first.layoutId);
      expect(again.units).to.equal(1);
    });
  });
}

describe('an import that was cut off, and is run again the other way', () => {
  const database = withDatabase();
  let service: Service;
  let ways: readonly (readonly [string, ImportTarget, ImportTarget])[];

  before(async function () {
    this.timeout(30_000);
    const options = { host: '127.0.0.1', port: 0, corsOrigins: [], releaseProcess: false, logLevel: 'silent' };
    service = await startHoldfast({ ...options, databaseUrl: database(), dataFolder: '' });
    const [inProcess, overHttp] = [importInProcess(service), importOverHttp(service.url, NEVER_STOPPED)];
    ways = [
      ['over-http', inProcess, overHttp],
      ['in-process', overHttp, inProcess],
    ];
  });
  after(async () => service?.stop());

  const stateOf = async (slotId: string) => {
    const found = await service.history.slotAsOf(slotId, { kind: 'now' });
    const blocked = found?.units.filter(({ status }) => status === 'blocked').map(({ unit }) => unit.unitId);
    return [found?.summary.status, blocked];
  };

  it('opens the slot for sale, with all blocked that is not for sale', async () => {
    for (const [name, first, second] of ways) {
      const slotId = `flight-1-${name}`;
      await first.openSlot({ ...SLOT, slotId, status: 'CLOSED' });
      expect(await openWithBlocks(second, { ...SLOT, slotId }, BLOCKED), name).to.deep.equal({ kind: 'done' });
      expect(await stateOf(slotId), name).to.deep.equal(['OPEN', ['1B', '1C', '1D']]);
    }
  });

  it('does so when some of them were blocked before, and when it is cut off once more', async () => {
    for (const [name, first, second] of ways) {
      const slotId = `flight-2-${name}`;
      await first.openSlot({ ...SLOT, slotId, status: 'CLOSED' });
      await first.blockUnits(slotId, ['1B'], 'restricted');
      await second.blockUnits(slotId, ['1B'], 'restricted');
      expect(await openWithBlocks(second, { ...SLOT, slotId }, BLOCKED), name).to.deep.equal({ kind: 'done' });
      expect(await stateOf(slotId), name).to.deep.equal(['OPEN', ['1B', '1C', '1D']]);
      expect(await openWithBlocks(first, { ...SLOT, slotId }, BLOCKED), name).to.deep.equal({ kind: 'present' });
    }
  });
});

describe('an import through a service that is not there', () => {
  it('says so in one line', async () => {
    const error = await importOverHttp('http://127.0.0.1:1', NEVER_STOPPED)
      .openSlot(SLOT)
      .catch((thrown: Error) => thrown);
    expect(error)
      .to.be.instanceOf(Error)
      .with.property('message')
      .that.matches(/^http:\/\/127\.0\.0\.1:1\/api\/v1\/slots does not answer: .+$/);
  });
});
