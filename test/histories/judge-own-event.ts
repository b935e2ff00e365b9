import { type Asked, unitsAsked } from './asked.ts';
import type { ClientRecord } from './history.ts';
import { isPatched } from './patched.ts';
import { unless, type Verdict } from './refusal-case.ts';
import type { LastEvent, SlotAccount } from './slot-account.ts';

/**
 * What was acknowledged has an event of its own right at the version that the answer names, by which nobody else was
 * served. It may have none only where nothing was left to be done. To be called when the content was found right.
 */
export function ownEventFault(slot: SlotAccount, asked: Asked, record: ClientRecord): Verdict {
  const { last } = slot;
  const isReplayed = record.answer?.replayed === true;
  if (last !== null && isOwn(last, asked, record) && (isReplayed || !last.isAcknowledged)) {
    if (!isReplayed) last.isAcknowledged = true;
    return null;
  }
  return unless(isIdle(slot, asked, isReplayed), 'the log has nothing of it');
}

function isOwn({ event, fitting }: LastEvent, { deed }: Asked, record: ClientRecord): boolean {
  const { bookingId } = record.answer?.body ?? {};
  switch (deed) {
    case 'open':
      return event.type === 'SlotOpened';
    case 'book':
      return ['SeatsHeld', 'BookingConfirmed'].includes(event.type) && event.data.bookingId === bookingId;
    default:
      return fitting.includes(record);
  }
}

/** Whether the slot is as was asked without anything being done; what the content tells already is not looked at again. */
function isIdle(slot: SlotAccount, { deed, body, bookingId }: Asked, isReplayed: boolean): boolean {
  switch (deed) {
    case 'close':
    case 'reopen':
    case 'cancel-slot':
    case 'change-units':
    case 'extend-hold':
      return true;
    case 'patch':
      return isPatched(slot.opened, body);
    case 'block':
    case 'unblock':
      return unitsAsked(body.units).every(({ quantity }) => quantity === undefined);
    case 'confirm':
      // The same payment again says of itself that it is not the first.
      return isReplayed;
    case 'cancel':
      return slot.booked.byId.get(bookingId ?? '')?.status === 'CANCELLED';
    case 'change':
      return unitsAsked(body.add).length + unitsAsked(body.drop).length === 0;
    default:
      return false;
  }
}
