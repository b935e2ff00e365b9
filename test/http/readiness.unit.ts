import { expect } from 'chai';
import type { ReadinessFault } from '../../src/http/edge.ts';
import { type ReadinessParts, readinessChecks, type ViewStatus } from '../../src/http/readiness.ts';

const WELL: ViewStatus = { name: 'inventory', state: { kind: 'running' }, lagEvents: 0, lagSeconds: 0 };

/** What each check finds, by name; those that find nothing are left out. */
async function findings(
  parts: Partial<ReadinessParts> & { readonly views?: readonly ViewStatus[] },
): Promise<Readonly<Record<string, ReadinessFault>>> {
  const { views = [WELL], ...given } = parts;
  const checks = readinessChecks({
    store: { headPosition: async () => 1 },
    runner: { status: async () => views },
    answering: ['inventory', 'bookings', 'sales', 'search'],
    memory: { isFollowing: true, isCurrent: true },
    redis: () => ({ connected: true, breaker: 'closed' }),
    ...given,
  });
  const found: Record<string, ReadinessFault> = {};
  for (const { name, check } of checks) {
    const fault = await check();
    if (fault !== null) found[name] = fault;
  }
  return found;
}

describe('the readiness checks', () => {
  it('find nothing in a service that is well, with Redis and without', async () => {
    expect(await findings({})).to.deep.equal({});
    expect(await findings({ redis: () => null })).to.deep.equal({});
    expect(await findings({ views: [{ ...WELL, lagSeconds: 5, lagEvents: 20_000 }] })).to.deep.equal({});
  });

  it('fail for a view that stopped, is long behind or cannot be asked, and name each', async () => {
    const views: readonly ViewStatus[] = [
      { ...WELL, name: 'bookings', state: { kind: 'failed', error: 'event X at position 7' } },
      { ...WELL, name: 'sales', lagSeconds: 31, lagEvents: 400 },
      { ...WELL, name: 'search', lagSeconds: null, lagEvents: null },
    ];
    expect(await findings({ views })).to.deep.equal({
      projections:
        'bookings stopped: event X at position 7; sales is 31 s and 400 events behind the log; search cannot be asked how far it is',
    });
  });

  it('only degrade for views that answer no request', async () => {
    const views: readonly ViewStatus[] = [
      WELL,
      { ...WELL, name: 'bookings', state: { kind: 'failed', error: 'event X at position 7' } },
      { ...WELL, name: 'sales', lagSeconds: 31, lagEvents: 400 },
    ];
    expect(await findings({ views, answering: ['inventory'] })).to.deep.equal({
      projections: { degraded: 'bookings stopped: event X at position 7; sales is 31 s and 400 events behind the log' },
    });
    expect(await findings({ views, answering: ['inventory', 'bookings'] })).to.deep.equal({
      projections: 'bookings stopped: event X at position 7',
    });
  });

  for (const [lagSeconds, lagEvents] of [
    [6, 10],
    [0, 20_001],
    [30, 10],
  ] as const) {
    it(`only degrade for a view that is ${lagSeconds} s and ${lagEvents} events behind`, async () => {
      const views = [WELL, { ...WELL, name: 'sales', lagSeconds, lagEvents }];
      expect(await findings({ views })).to.deep.equal({
        projections: { degraded: `sales is ${lagSeconds} s and ${lagEvents} events behind the log` },
      });
    });
  }

  it('only degrade for memory that does not follow the log, or does not hear from it', async () => {
    for (const memory of [
      { isFollowing: false, isCurrent: false },
      { isFollowing: true, isCurrent: false },
    ]) {
      const found = await findings({ memory });
      expect(Object.keys(found)).to.deep.equal(['memory']);
      expect(found.memory).to.have.property('degraded');
    }
  });

  it('only degrade for a Redis that is not there, or fails', async () => {
    for (const redis of [
      { connected: false, breaker: 'closed' },
      { connected: true, breaker: 'open' },
      { connected: true, breaker: 'half-open' },
    ] as const) {
      const found = await findings({ redis: () => redis });
      expect(Object.keys(found)).to.deep.equal(['redis']);
      expect(found.redis).to.have.property('degraded');
    }
  });
});
