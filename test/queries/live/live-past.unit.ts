import { expect } from 'chai';
import { LiveHub } from '../../../src/queries/live/live-hub.ts';
import { Client, type HubSide, startHubSide } from '../../support/live-hub.ts';
import { append } from '../../support/read-side.ts';
import { HOUR, MINUTE, NOW, opened, STARTS, seat, stops, stopsAxis } from '../../support/slot-builders.ts';
import { waitFor } from '../../support/wait-until.ts';

describe('a span that is watched and comes to be over', () => {
  let side: HubSide;

  beforeEach(async () => {
    side = await startHubSide();
  });
  afterEach(async () => {
    await side.close();
    expect(side.errors).to.deep.equal([]);
  });

  async function open(slot: Parameters<typeof opened>[0]): Promise<void> {
    await side.follower.waitFor(await append(side.store, 'slot-hamlet', [opened({ units: [seat('A1'), seat('A2')], ...slot })]), 5_000);
  }

  const shown = (client: Client) => [client.map.version, ...[...client.map.seats.values()].map(({ status }) => status)];

  it('is told without an event: of a trip from the stop that it leaves, and nowhere else', async () => {
    await open({ axis: stopsAxis(4) });
    const client = await side.watch('hamlet', { span: stops(0, 3) });
    const later = await side.watch('hamlet', { span: stops(1, 3) });
    const away = await side.watch('hamlet', { span: stops(0, 3) });
    away.leave();
    expect(shown(client)).to.deep.equal([1, 'free', 'free']);

    side.now = STARTS + 1;

    await waitFor('the client is told', () => client.map.seats.get('A1')?.status === 'blocked');
    expect(shown(client)).to.deep.equal([1, 'blocked', 'blocked']);
    expect(shown(later)).to.deep.equal([1, 'free', 'free']);
    expect(shown(await side.watch('hamlet', { span: stops(0, 3), from: away }))).to.deep.equal([1, 'blocked', 'blocked']);
  });

  it('is told to who comes from another instance with what it was before', async () => {
    await open({ axis: { type: 'time', bufferMinutes: 0 } });
    const span = { from: NOW, to: NOW + HOUR };
    const before = await side.watch('hamlet', { span });
    expect(shown(before)).to.deep.equal([1, 'free', 'free']);
    side.now = NOW + 5 * MINUTE + 1;

    const elsewhere = new LiveHub(side.parts);
    try {
      const answer = await elsewhere.open({ slotId: 'hamlet', span, after: { version: 1, lacksCounts: false }, atLeast: 1 });
      if (answer.kind !== 'open') throw new Error(answer.kind);
      const client = new Client();
      client.watches(answer.begin(client));
      expect(shown(client)).to.deep.equal([1, 'blocked', 'blocked']);
    } finally {
      elsewhere.stop();
    }
  });
});
