import { expect } from 'chai';
import { CLAIMS_A3, hold } from './damages/damage.ts';
import type { ClientRequest, Json } from './history.ts';
import { bookingRequest, claim, post } from './made-history.ts';
import { rightHistory } from './right-history.ts';

/** What the judge says of `invalid-input` to a request, where somebody holds A3 and the last place of two in the yard. */
function verdictOn(request: ClientRequest): string {
  const history = rightHistory();
  hold(history, 'show.z', [...CLAIMS_A3, claim('yard', 2)]);
  for (const index of [-2, -1]) {
    const event = history.events.at(index)!;
    history.spoil(event.position, { data: { ...event.data, adjacent: false } });
  }
  history.respond(-1, { adjacent: false });
  history.ask('zoe', request, 400, { code: 'invalid-input' });
  return history
    .check()
    .faults.map(({ what }) => what)
    .join('\n');
}

const book = (units: readonly unknown[]) => bookingRequest('show.y', 'zoe', { units });
const settle = (deed: string, body: Json) => post(`/bookings/show.z/${deed}`, body);
const operate = (deed: string, units: readonly unknown[]) => post(`/slots/show/units${deed}`, { units });
const yard = (quantity: number) => ({ unitId: 'yard', quantity });
const seat = (unitId: string) => ({ unitId, category: 'gold', price: 100 });

describe('a request that is told to be invalid', () => {
  it('names something twice, or more than there is, or what cannot be', () => {
    const wrong = [
      ...[book(['A3', 'A3']), book([{ unitId: 'A3', quantity: 2 }]), book([yard(4)])],
      ...[settle('confirm', { paymentReference: 'p', units: [yard(3)] }), settle('cancel', { units: [{ unitId: 'A3', quantity: 2 }] })],
      ...[settle('change', { add: ['A3'] }), settle('change', { drop: [yard(3)] }), settle('change', { add: [yard(4)] })],
      settle('change', { drop: ['A3', yard(2)] }),
      ...[operate('', [seat('A3')]), operate('', [seat('A9'), seat('A9')]), operate('/change', [{ unitId: 'A3', capacity: 2 }])],
      ...[operate('/block', [yard(4)]), operate('/withdraw', [yard(4)]), operate('/unblock', [{ unitId: 'A4', quantity: 2 }])],
      operate('/unblock', [yard(1)]),
    ];

    expect(wrong.map(verdictOn)).to.deep.equal(wrong.map(() => ''));
  });

  it('is not one with which nothing is wrong', () => {
    const right = [
      ...[book(['A3', 'A4']), settle('confirm', { paymentReference: 'p', units: [yard(2)] }), settle('cancel', {})],
      ...[settle('change', { add: ['A3'], drop: ['A3'] }), settle('change', { drop: [yard(2)] }), settle('change', { add: [yard(1)] })],
      ...[operate('', [seat('A9')]), operate('/change', [{ unitId: 'yard', capacity: 2 }]), operate('/change', [seat('A3')])],
      ...[operate('/block', [yard(3)]), operate('/withdraw', ['yard']), operate('/unblock', [{ unitId: 'A4', quantity: 1 }])],
    ];

    for (const request of right) expect(verdictOn(request), JSON.stringify(request)).to.include('nothing was wrong with the request');
  });
});
