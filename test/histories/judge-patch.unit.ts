import { expect } from 'chai';
import type { ClientRequest, Json } from './history.ts';
import { at, MadeHistory, opened, POLICY, summary, T0 } from './made-history.ts';

const COUNTS = { capacity: 7, free: 7, held: 0, sold: 0, blocked: 0 };

const patch = (body: Json, ifMatch = 1): ClientRequest => ({ method: 'PATCH', path: '/slots/show', body, ifMatch });

function faultsOf(history: MadeHistory): string {
  return history
    .check()
    .faults.map(({ what }) => what)
    .join('\n');
}

/** A slot that was patched, and what was made of it. */
function patched(body: Json, changes: Json, told: Json, before: Json = {}): string {
  const history = new MadeHistory();
  history.log('show', 'SlotOpened', opened(before));
  history.log('show', 'SlotChanged', { changes });
  history.ask('operator', patch(body), 200, summary({ ...before, ...told, version: 2, counts: COUNTS }));
  return faultsOf(history);
}

/** A patch that was told to be in the past, of a slot that begins a day after T0. */
function refused(body: Json, hours: number, before: Json = {}): string {
  const history = new MadeHistory();
  history.log('show', 'SlotOpened', opened(before));
  history.seconds = hours * 3600;
  history.ask('operator', patch(body), 422, { code: 'in-the-past' });
  return faultsOf(history);
}

describe('a patch of a slot that is told to be done', () => {
  it('has brought what it asks for', () => {
    const policy = { ...POLICY, maxUnitsPerBooking: 2 };

    expect(patched({ title: 'Macbeth' }, { title: 'Macbeth' }, { title: 'Macbeth' })).to.equal('');
    expect(patched({ policy: { maxUnitsPerBooking: 2 } }, { policy }, { policy })).to.equal('');
    expect(patched({ salesFrom: at(60) }, { salesFrom: T0 + 60_000 }, { salesFrom: at(60) })).to.equal('');
  });

  it('is found out when it brought something else, or a part', () => {
    expect(patched({ title: 'Macbeth' }, { title: 'Othello' }, { title: 'Othello' })).to.include('/title is "Othello", not "Macbeth"');
    const policy = { ...POLICY, maxUnitsPerBooking: 3 };
    expect(patched({ policy: { maxUnitsPerBooking: 2 } }, { policy }, { policy })).to.include('/policy/maxUnitsPerBooking is 3, not 2');
    const both = { salesFrom: at(60), salesUntil: at(90) };
    expect(patched(both, { salesFrom: T0 + 60_000 }, { salesFrom: at(60) })).to.include('/salesUntil is null');
  });

  it('has removed what it makes null', () => {
    const before = { metadata: { season: 'one', hall: '7' } };
    const rest = { metadata: { hall: '7' } };

    expect(patched({ metadata: { season: null } }, rest, rest, before)).to.equal('');
    expect(patched({ metadata: null }, { metadata: {} }, { metadata: {} }, before)).to.equal('');
    expect(patched({ metadata: { hall: null } }, rest, rest, before)).to.include('/metadata/hall is "7"');
    expect(patched({ metadata: null }, rest, rest, before)).to.include('it has metadata');
  });

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
