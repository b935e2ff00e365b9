import { claim, type MadeHistory, patch, post, T0 } from '../made-history.ts';
import { CLAIMS_A3, type Damage, hold, refusedWith } from './damage.ts';

/** Refusals for what is true, and yet no reason to refuse what was asked. */
export const REASON_DAMAGES: readonly Damage[] = [
  {
    what: 'what is paid cannot be given back',
    spoil: (h) => h.ask('alice', post('/bookings/show.a/cancel', {}), 409, { code: 'already-confirmed' }),
    rule: 'refusal',
    words: 'already-confirmed is no reason to refuse a request to cancel',
  },
  {
    what: 'a new booking is refused as there is its slot',
    spoil: refusedWith({ units: ['A3'] }, { code: 'slot-exists' }),
    rule: 'refusal',
    words: 'slot-exists is no reason to refuse a request to book',
  },
  {
    what: 'a hold is not paid for as its slot is closed',
    spoil: (h) => {
      close(h);
      h.ask('zoe', post('/bookings/show.z/confirm', { paymentReference: 'pay-z' }), 409, { code: 'slot-closed' });
    },
    rule: 'refusal',
    words: 'slot-closed is no reason to refuse a request to confirm',
  },
  {
    what: 'a hold is not paid for as sales have ended',
    spoil: (h) => {
      hold(h, 'show.z', CLAIMS_A3);
      h.log('show', 'SlotChanged', { changes: { salesUntil: T0 + 1_000 } });
      h.lose('operator', patch({ salesUntil: new Date(T0 + 1_000).toISOString() }));
      h.ask('zoe', post('/bookings/show.z/confirm', { paymentReference: 'pay-z' }), 409, { code: 'not-on-sale' });
    },
    rule: 'refusal',
    words: 'not-on-sale is no reason to refuse a request to confirm',
  },
  {
    what: 'a seat is not given up as its slot is closed',
    spoil: (h) => {
      close(h);
      h.ask('zoe', post('/bookings/show.z/change', { drop: ['A3'] }), 409, { code: 'slot-closed' });
    },
    rule: 'refusal',
    words: 'it only gives units up',
  },
  {
    what: 'a version is told to be out of date that nobody named',
    spoil: refusedWith({ units: ['A3'] }, { code: 'stale-version', currentVersion: 16 } as never),
    rule: 'refusal',
    words: 'it named no version',
  },
  {
    what: 'a version is demanded that was named',
    spoil: (h) => h.ask('operator', patch({ title: 'Othello' }, 16), 428, { code: 'precondition-required' }),
    rule: 'refusal',
    words: 'it named a version',
  },
  {
    what: 'a total is told to be another that nobody named',
    spoil: refusedWith({ units: ['A3'] }, { code: 'price-changed', total: { amount: 4500 } } as never),
    rule: 'refusal',
    words: 'it expected no total',
  },
  {
    what: 'a reason is given that there is not',
    spoil: refusedWith({ units: ['A3'] }, { code: 'out-of-luck' }),
    rule: 'refusal',
    words: 'out-of-luck is no reason to refuse a request to book',
  },
];

/** A slot that is closed while A3 and a place in the yard are held. */
function close(history: MadeHistory): void {
  hold(history, 'show.z', [...CLAIMS_A3, claim('yard')]);
  history.log('show', 'SlotClosed', { reason: null });
  history.lose('operator', post('/slots/show/close', {}));
}
