import { expect } from 'chai';
import type { ClientRequest, Json } from './history.ts';
import { at, MadeHistory, opened, POLICY } from './made-history.ts';

const patch = (body: Json, ifMatch = 1): ClientRequest => ({ method: 'PATCH', path: '/slots/show', body, ifMatch });

/** A patch that was told to be in the past, of a slot that begins a day after T0. */
function refused(body: Json, hours: number, before: Json = {}): string {
  const history = new MadeHistory();
  history.log('show', 'SlotOpened', opened(before));
  history.seconds = hours * 3600;
  history.ask('operator', patch(body), 422, { code: 'in-the-past' });
  return history
    .check()
    .faults.map(({ what }) => what)
    .join('\n');
}

describe('a patch of a slot', () => {
  it('may be refused for a start that is over, if that is new and the slot accepts none', () => {
    const accepting = { policy: { ...POLICY, acceptPast: true } };

    expect(refused({ startsAt: at(3600) }, 2)).to.equal('');
    expect(refused({ startsAt: at(3 * 3600) }, 2)).to.include('its start was still to come');
    expect(refused({ title: 'Macbeth' }, 25)).to.include('its start was still to come');
    expect(refused({ startsAt: at(86_400) }, 25)).to.include('its start was still to come');
    expect(refused({ startsAt: at(3600) }, 2, accepting)).to.include('may have been in the past');
    expect(refused({ startsAt: at(3600), policy: { acceptPast: true } }, 2)).to.include('may have been in the past');
    expect(refused({ startsAt: at(3600), policy: { acceptPast: false } }, 2, accepting)).to.equal('');
  });
});
