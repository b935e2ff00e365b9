/** A request with a key whose path does not tell a stream that could know the key. */
export interface KeyedRequest {
  /** Derived from caller, method, path and Idempotency-Key. */
  readonly commandId: string;
  /** Hash of the body by value. */
  readonly bodyHash: string;
  /** The slot that the request is to open, whose stream tells what became of it; null where the answer itself is kept. */
  readonly slotId: string | null;
}

export interface KnownKey extends KeyedRequest {
  readonly reservation: string;
  /** The answer that the key is bound to; null while there is none, and always for slots. */
  readonly answer: string | null;
}

/**
 * Which request a key stands for, known before the request is carried out. A key is reserved for one body; requests with that very body
 * share the reservation, since a repeat cannot be told from what a crash has left behind. The first success binds it; when all
 * who share it were refused, the key is free again.
 *
 * All methods throw StoreUnavailableError when the store does not answer. Then the change may have been made all the same.
 */
export interface RequestKeys {
  /** The reservation, new or shared; null when the key is reserved for another body, or bound to an answer. */
  reserve(request: KeyedRequest): Promise<string | null>;

  find(commandId: string): Promise<KnownKey | null>;

  /**
   * Reserves the key for another request than it is reserved for, where nobody has come for so many milliseconds on the store's clock, or
   * nobody is left. Null when that is not so, or not any more.
   */
  takeOver(known: KnownKey, request: KeyedRequest, unusedForMs: number): Promise<string | null>;

  /** Takes one request back that was refused. Nothing happens where the reservation has passed to another body, or is bound. */
  release(commandId: string, reservation: string): Promise<void>;

  /** Binds the key to an answer. False where that was done before, or the reservation has passed to another body. */
  bind(commandId: string, reservation: string, answer: string): Promise<boolean>;

  /** Removes up to so many keys that are of no slot and were last reserved so many milliseconds ago or longer. Returns how many. */
  forget(olderThanMs: number, limit: number): Promise<number>;
}
