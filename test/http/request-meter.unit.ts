import { expect } from 'chai';
import { DURATION_BOUNDS, RequestMeter } from '../../src/http/request-meter.ts';

describe('requests that are counted', () => {
  it('are put under their route and the first digit of their status', () => {
    const meter = new RequestMeter();
    const route = meter.of('GET', '/slots/{slotId}');
    for (const status of [200, 201, 304, 404, 503, 0]) route.ended(route.begun(), status);
    const counts = (['2xx', '3xx', '4xx', '5xx', 'aborted'] as const).map((outcome) => total(route.seen(outcome)?.buckets));
    expect(counts).to.deep.equal([2, 1, 1, 1, 1]);
    expect(route.seen('1xx')).to.equal(null);
    expect(meter.of('GET', '/slots/{slotId}'), 'one meter for one route').to.equal(route);
    expect([...meter.routes]).to.deep.equal([route]);
  });

  it('are in flight until they end', () => {
    const route = new RequestMeter().of('POST', '/slots');
    const first = route.begun();
    const second = route.begun();
    expect(route.inFlight).to.equal(2);
    route.ended(first, 201);
    expect(route.inFlight).to.equal(1);
    route.ended(second, 0);
    expect(route.inFlight).to.equal(0);
  });

  it('stand in the bucket of how long they took', () => {
    const route = new RequestMeter().of('GET', '/slots');
    const secondsAgo = (seconds: number) => route.begun() - seconds * 1_000;
    for (const seconds of [0.003, 0.3, 3_600]) route.ended(secondsAgo(seconds), 200);
    const seen = route.seen('2xx');
    const expected = [...DURATION_BOUNDS, Number.POSITIVE_INFINITY].map((bound) =>
      bound === 0.005 || bound === 0.5 || bound > 10 ? 1 : 0,
    );
    expect(seen?.buckets).to.deep.equal(expected);
    expect(seen?.sumSeconds).to.be.within(3_600.303, 3_601);
  });
});

function total(buckets: readonly number[] = []): number {
  return buckets.reduce((sum, count) => sum + count, 0);
}
