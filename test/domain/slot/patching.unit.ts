import { given } from '../../support/slot.ts';
import { opened, POLICY } from '../../support/slot-builders.ts';

describe('a patch of a slot', () => {
  const venue = { name: 'Globe', city: 'London' };
  const metadata = Object.fromEntries(Array.from({ length: 50 }, (_, index) => [`k${index}`, 'v']));

  it('merges what is nested, takes away what is null, and leaves what it does not name', () => {
    given(opened({ venue, metadata: { a: '1', b: '2' }, reference: 'r' }))
      .when({
        type: 'ChangeSlot',
        changes: { venue: { city: null, venueId: 'globe' }, metadata: { a: null, c: '3' }, policy: { holdSeconds: 60 } },
      })
      .then({
        type: 'SlotChanged',
        changes: { venue: { name: 'Globe', venueId: 'globe' }, metadata: { b: '2', c: '3' }, policy: { ...POLICY, holdSeconds: 60 } },
      })
      .when({ type: 'ChangeSlot', changes: { venue: null, metadata: null, reference: null } })
      .then({ type: 'SlotChanged', changes: { venue: null, metadata: {}, reference: null } })
      .when({ type: 'ChangeSlot', changes: { venue: { name: 'Rose', city: null } } })
      .then({ type: 'SlotChanged', changes: { venue: { name: 'Rose' } } });
  });

  it('changes nothing where all is as it says', () => {
    given(opened({ venue, metadata: { a: '1' } }))
      .when({ type: 'ChangeSlot', changes: { venue: { name: 'Globe' }, metadata: { a: '1', z: null }, policy: {} } })
      .then();
  });

  it('is refused when it leaves too many keys', () => {
    const { k0: _, ...rest } = metadata;
    given(opened({ metadata }))
      .when({ type: 'ChangeSlot', changes: { metadata: { more: 'v' } } })
      .thenRefused({ kind: 'invalid-input', fault: { pointer: '/metadata', message: 'must leave at most 50 keys, leaves 51' } })
      .when({ type: 'ChangeSlot', changes: { metadata: { more: 'v', k0: null } } })
      .then({ type: 'SlotChanged', changes: { metadata: { ...rest, more: 'v' } } });
  });

  it('is refused when it leaves holds longer than their cap', () => {
    given(opened())
      .when({ type: 'ChangeSlot', changes: { policy: { holdSeconds: POLICY.maxHoldSeconds + 1 } } })
      .thenRefused({ kind: 'invalid-input' });
  });
});
