import { BulkheadRejectedError, bulkhead } from 'cockatiel';

/** Replays that may wait for their turn. */
export const MAX_WAITING_REPLAYS = 100;

/** What was asked for lies in the past of a slot, and too many replays wait already. Nothing was changed, and nothing was told to have been refused. */
export class ReplaysBusyError extends Error {
  override readonly name = 'ReplaysBusyError';

  constructor() {
    super(`${MAX_WAITING_REPLAYS} streams wait to be replayed`);
  }
}

/**
 * Whoever replays a stream from its first event on waits here for his turn. A hundred thousand events take half a second and a
 * whole state beside the one in memory, so that a few dozen at once would end the process.
 */
export class ReplayTurns {
  private readonly turns;

  /** @param atOnce replays that run side by side. */
  constructor(atOnce: number) {
    this.turns = bulkhead(atOnce, MAX_WAITING_REPLAYS);
  }

  /** @throws ReplaysBusyError when too many wait; what the replay throws. */
  async take<Result>(replay: () => Promise<Result>): Promise<Result> {
    try {
      return await this.turns.execute(replay);
    } catch (error) {
      throw error instanceof BulkheadRejectedError ? new ReplaysBusyError() : error;
    }
  }
}
