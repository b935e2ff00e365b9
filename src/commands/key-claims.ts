import { decodeMetadata } from '../eventstore/catalogue/codec.ts';
import { type EventStore, OutcomeUnknownError } from '../eventstore/event-store.ts';
import type { KeyedRequest, KnownKey, RequestKeys } from '../eventstore/request-keys.ts';
import { streamOfSlot } from '../eventstore/streams.ts';

/**
 * Milliseconds after which a reservation that came to nothing gives way to another body: five times what a request can take that waits
 * for its slot as long as it may, and then sends its append again as often as it may.
 */
const RESERVED_FOR = 10 * 60_000;

/** How long a key is bound to an answer that is kept, at least, in milliseconds: 30 days. Slots' keys are bound as long as their streams. */
const ANSWERS_KEPT_FOR = 30 * 24 * 3_600_000;
/** Keys that are forgotten for each new one: more than one, so that they grow fewer again, and few, so that nobody waits for it. */
const FORGOTTEN_AT_ONCE = 20;

/** Looks at one key, when others change it in between each time. */
const MAX_TRIES = 3;

/** A request that may be carried out: nobody else has the key. */
export interface Reservation extends KeyedRequest {
  readonly reservation: string;
}

export type Claim =
  | { readonly kind: 'reserved'; readonly reservation: Reservation }
  /** The very same request was answered before, with this. */
  | { readonly kind: 'answered'; readonly answer: string }
  /** Another request has succeeded with this key: its event, or its answer, tells where. */
  | { readonly kind: 'reused'; readonly by: { readonly position: number } | { readonly answer: string } }
  /** Another request has this key, and it is not known yet what becomes of it. */
  | { readonly kind: 'in-flight' };

/**
 * Claims of keys by requests whose path does not tell a stream: without a claim, the same key on another path through the log would
 * meet nothing that knows it. The slot's stream alone says whether a slot was opened with a key, so a crash between a reservation and
 * its outcome leaves nothing that has to be put right.
 */
export class KeyClaims {
  private readonly keys: RequestKeys;
  private readonly store: Pick<EventStore, 'readStream'>;

  constructor(keys: RequestKeys, store: Pick<EventStore, 'readStream'>) {
    this.keys = keys;
    this.store = store;
  }

  /** @throws StoreUnavailableError; what reading a stream throws. Nothing of the request was carried out then. */
  async claim(request: KeyedRequest): Promise<Claim> {
    const { commandId, bodyHash, slotId } = request;
    if (slotId === null) await this.keys.forget(ANSWERS_KEPT_FOR, FORGOTTEN_AT_ONCE);
    for (let tries = 1; tries <= MAX_TRIES; tries += 1) {
      const reservation = await this.keys.reserve(request);
      if (reservation !== null) return { kind: 'reserved', reservation: { ...request, reservation } };
      const known = await this.keys.find(commandId);
      // Given back, or passed to this very body, since it was not to be had.
      if (known === null || (known.bodyHash === bodyHash && known.answer === null)) continue;
      return this.claimOf(known, request);
    }
    return { kind: 'in-flight' };
  }

  /** Frees the key of a request that was refused. What cannot be reached is left to time: the refusal is the answer all the same. */
  async release({ commandId, reservation }: Reservation): Promise<void> {
    await this.keys.release(commandId, reservation).catch(() => undefined);
  }

  /**
   * Binds the key to the answer of a request that was carried out.
   *
   * @returns null; or the answer that it is bound to already, since the same request was faster elsewhere.
   * @throws OutcomeUnknownError when it is not bound: the same request by the same key finds what was done.
   */
  async bind({ commandId, bodyHash, reservation }: Reservation, answer: string): Promise<string | null> {
    try {
      if (await this.keys.bind(commandId, reservation, answer)) return null;
      const known = await this.keys.find(commandId);
      if (known?.bodyHash === bodyHash && known.answer !== null) return known.answer;
    } catch (error) {
      throw new OutcomeUnknownError('It was done, but the answer could not be kept.', { cause: error });
    }
    throw new OutcomeUnknownError('It was done, but so late that its key had passed to another request.');
  }

  /** Of a key that is reserved for another body, or bound to an answer. */
  private async claimOf(known: KnownKey, request: KeyedRequest): Promise<Claim> {
    const { commandId, slotId, answer } = known;
    if (answer !== null) return known.bodyHash === request.bodyHash ? { kind: 'answered', answer } : { kind: 'reused', by: { answer } };
    const opening = slotId === null ? null : await this.openingOf(slotId, commandId);
    if (opening !== null) return { kind: 'reused', by: { position: opening } };
    const reservation = await this.keys.takeOver(known, request, RESERVED_FOR);
    return reservation === null ? { kind: 'in-flight' } : { kind: 'reserved', reservation: { ...request, reservation } };
  }

  /** Position of the event by which the command opened the slot; null when it did not. */
  private async openingOf(slotId: string, commandId: string): Promise<number | null> {
    const [first] = await this.store.readStream(streamOfSlot(slotId), 1, 1);
    return first !== undefined && decodeMetadata(first.metadata).commandId === commandId ? first.position : null;
  }
}
