import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { inventory } from '../../src/projections/inventory/inventory.ts';
import { withDatabase } from '../support/postgres.ts';
import { between, seeded } from '../support/random.ts';
import { RandomHistory } from '../support/random-history.ts';
import { expectEqualToReplay, expectSameRows, openRebuiltSide, type RebuiltSide } from '../support/rebuilt-side.ts';

const RUN_PROJECTIONS = fileURLToPath(new URL('../support/run-projections.ts', import.meta.url));
/** Events of the history; `npm run verify:reads` asks for 200,000. */
const EVENTS = Number(process.env.HOLDFAST_HISTORY_EVENTS ?? 10_000);
const SEED = Number(process.env.HOLDFAST_SEED ?? Date.now() % 1_000_000);
const BOUND_MS = 60_000 + EVENTS * 3;
const KILLS = 3;
/** Events of one transaction of a build: so few that each run comes through several of them, and whole pages of what is read at once. */
const PAGE_EVENTS = 500;
/** Pages that are read before they are folded. */
const PAGES_AHEAD = 3;
const BATCH_EVENTS = Math.max(PAGE_EVENTS, EVENTS / 20);

describe(`a rebuild after ${EVENTS} random events whose process is killed ${KILLS} times (seed ${SEED})`, function () {
  this.timeout(3 * BOUND_MS);
  const random = seeded(SEED);
  const database = withDatabase();
  let side: RebuiltSide;
  let build: number;
  let written = 0;

  before(async () => {
    const before = await openRebuiltSide(database(), BOUND_MS);
    await new RandomHistory(before.store, SEED).grow(EVENTS);
    before.runner.start();
    await before.untilLiveHasAll(inventory.name);
    await before.close();
    // From here on nobody runs projections but the processes that are killed.
    side = await openRebuiltSide(database(), BOUND_MS);
    ({ build } = await side.operations.rebuild(inventory.name, 'test'));
  });
  after(() => side?.close());

  for (let kill = 1; kill <= KILLS; kill += 1) {
    it(`goes on where the process before it was killed: ${kill}`, async () => {
      const from = (await side.build(inventory.name, build))?.position ?? 0;
      // Whoever asks for what lies behind two transactions has waited for the first of them.
      const atLeast = from + 2 * BATCH_EVENTS + PAGES_AHEAD * PAGE_EVENTS + 1;
      const killAt = between(random, atLeast, Math.max(atLeast + BATCH_EVENTS, (kill * EVENTS) / (KILLS + 1)));
      const child = spawn(process.execPath, ['--import', 'tsx', RUN_PROJECTIONS, database(), String(killAt), String(BATCH_EVENTS)]);
      const [code, signal] = await once(child, 'exit');

      expect([code, signal]).to.deep.equal([null, 'SIGKILL']);
      const left = await side.build(inventory.name, build);
      expect(left?.state).to.equal('building');
      expect(left?.runPosition, 'it began where the one before it had come to').to.equal(from);
      expect(left?.position, 'it came further').to.be.within(from + BATCH_EVENTS, killAt);
      written = left?.position ?? 0;
      console.log(`      killed when it had read up to ${killAt}: begun at ${from}, ${left?.position} written`);
    });
  }

  it('is equal to the live one when it has caught up', async () => {
    const { runner } = side;
    runner.start();
    const made = await side.untilIn('caught-up', inventory.name, build);

    expect(made.runPosition, 'the last run went on as well').to.equal(written);
    expect(made.comparison).to.deep.include({ verdict: 'equal', position: await side.store.headPosition() });
    await expectSameRows(side, inventory, 1, build);
  });

  it('equals what the aggregates come to when they are replayed, once it is read', async () => {
    await side.operations.switchTo(inventory.name, 'test', { build });
    await side.runner.live.refresh();
    await expectEqualToReplay(side);
  });
});
