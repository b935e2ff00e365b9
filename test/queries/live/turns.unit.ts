import { expect } from 'chai';
import { liveText } from '../../../src/http/live-text.ts';
import { WatchedSlot } from '../../../src/queries/live/watched-slot.ts';
import { Client, type HubSide, startHubSide } from '../../support/live-hub.ts';
import { append, type Happened } from '../../support/read-side.ts';
import { HOUR, NOW, opened, seats, stops, stopsAxis } from '../../support/slot-builders.ts';

/** Clients that are told in one turn, at the most, with those of the channel that fills it up. */
const CLIENTS_A_TURN = 200;

describe('a slot that is watched over many spans', () => {
  let side: HubSide;

  beforeEach(async () => {
    side = await startHubSide();
  });
  afterEach(() => side.close());

  async function tell(slotId: string, event: Happened): Promise<void> {
    await side.follower.waitFor(await append(side.store, `slot-${slotId}`, [event]), 5_000);
  }

  it('lets others have their turn while it is looked at', async () => {
    await tell('train', opened({ slotId: 'train', axis: stopsAxis(4), units: seats(2_500) }));
    const train = new WatchedSlot('train', { queries: side.queries, text: liveText, now: () => side.now });
    for (const span of [null, stops(0, 1), stops(1, 2)]) await train.audienceOf(span, () => true);
    let turns = 0;
    setImmediate(() => {
      turns += 1;
    });
    await train.look();
    expect(turns).to.equal(1);
  });

  it('lets others have their turn while its clients are told, each of a span of his own', async () => {
    await tell('cars', opened({ slotId: 'cars', axis: { type: 'time', bufferMinutes: 0 }, units: seats(2) }));
    let turn = 0;
    let counting = true;
    const told = new Map<number, number>();
    class Counted extends Client {
      override write(bytes: Buffer): boolean {
        told.set(turn, (told.get(turn) ?? 0) + 1);
        return super.write(bytes);
      }
    }
    const clients: Client[] = [];
    for (let hour = 1; hour <= 2.5 * CLIENTS_A_TURN; hour += 1) {
      const answer = await side.open('cars', { span: { from: NOW + hour * HOUR, to: NOW + (hour + 1) * HOUR } });
      if (answer.kind !== 'open') throw new Error(`not open: ${answer.kind}`);
      const client = new Counted();
      client.watches(answer.begin(client));
      clients.push(client);
    }
    const count = () => {
      turn += 1;
      if (counting) setImmediate(count);
    };
    count();
    told.clear();
    await tell('cars', { type: 'SlotClosed', reason: null });
    await Promise.all(clients.map((client) => side.reached(client, 2)));
    counting = false;
    expect(Math.max(...told.values())).to.be.at.most(CLIENTS_A_TURN);
    for (const client of clients) client.leave();
  });
});
