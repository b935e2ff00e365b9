import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { makeDataDirectory } from '../support/postgres.ts';
import { type SpawnedService, spawnService } from '../support/service.ts';

const HOLDFAST = fileURLToPath(new URL('../../bin/holdfast.js', import.meta.url));

describe('the command line', function () {
  this.timeout(90_000);
  let dataFolder: string;
  let service: SpawnedService;

  function startCommand(...words: readonly string[]): ChildProcessByStdio<null, Readable, Readable> {
    const env = { ...process.env, DATABASE_URL: '', HOLDFAST_DATA_DIR: dataFolder };
    return spawn(process.execPath, [HOLDFAST, ...words], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  }

  async function holdfast(...words: readonly string[]) {
    const child = startCommand(...words);
    const [[code], stdout, stderr] = await Promise.all([once(child, 'exit'), text(child.stdout), text(child.stderr)]);
    return { code: code as number | null, stdout, stderr };
  }

  before(async () => {
    dataFolder = await makeDataDirectory();
    service = await spawnService({ dataFolder });
  });
  after(async () => {
    await service.end();
    await rm(dataFolder, { recursive: true, force: true });
  });

  it('rushes, verifies, replays, explains and prints the log beside a service on the same data folder', async () => {
    const rush = await holdfast('rush', '--url', service.url, '--seats', '40', '--buyers', '8', '--json');
    expect(rush.code, rush.stderr).to.equal(0);
    const { slotId, holds, findings } = JSON.parse(rush.stdout);
    expect(holds, JSON.stringify(findings)).to.equal(true);

    const [verify, replay, explain, events] = await Promise.all([
      holdfast('verify', '--json'),
      holdfast('replay', slotId, '--version', '1'),
      holdfast('explain', slotId, '1-1'),
      holdfast('events', '--json', '--type', 'SlotOpened,BookingConfirmed'),
    ]);
    expect([verify.code, replay.code, explain.code, events.code]).to.deep.equal([0, 0, 0, 0]);
    expect(JSON.parse(verify.stdout)).to.deep.include({ verdict: 'clean', faultCount: 0 });
    expect(verify.stderr).to.match(/streams, events: \d+ of \d+ \(100 %\)/);
    expect(replay.stdout).to.contain('capacity 40: 40 free, 0 held, 0 sold, 0 blocked');
    expect(explain.stdout).to.match(/ it is not free: sold to rush-/);
    const types = new Set(
      events.stdout
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line).type),
    );
    expect(types).to.deep.equal(new Set(['SlotOpened', 'BookingConfirmed']));
  });

  it('follows the log until it is interrupted, and ends in good order', async () => {
    const following = startCommand('events', '--follow', '--json');
    const ended = once(following, 'exit');
    for await (const line of createInterface({ input: following.stdout })) {
      expect(JSON.parse(line)).to.include({ position: 1, type: 'SlotOpened' });
      break;
    }
    following.stdout.resume();
    following.kill('SIGINT');
    expect(await ended).to.deep.equal([0, null]);
  });

  it('tells by exit codes that something is off, that it failed, and that it was used wrongly', async () => {
    const [off, failed, wrong] = await Promise.all([
      holdfast('verify', '--since', `holdfast:1:${'0'.repeat(64)}`),
      holdfast('replay', 'nowhere'),
      holdfast('verify', '--since', 'yesterday'),
    ]);
    expect([off.code, failed.code, wrong.code]).to.deep.equal([1, 1, 2]);
    expect(off.stdout).to.match(/HISTORY IS NOT WHAT IT WAS at holdfast:1:0+\.\nFAULT digest: position 1: /);
    expect(failed.stderr).to.equal('holdfast: there is no stream nowhere\n');
    expect(wrong.stderr).to.match(/Expected the digest that an earlier verify printed/);
  });

  it('looks at a data folder that no service uses, and at one that a service has come to meanwhile', async () => {
    await service.end();
    const verify = await holdfast('verify');
    expect(verify.code, verify.stdout).to.equal(0);
    expect(verify.stdout).to.match(/Verdict: clean\.\nHead digest at position \d+, .*\nholdfast:\d+:[0-9a-f]{64}\n$/);

    const following = startCommand('events', '--follow');
    const ended = once(following, 'exit');
    await once(following.stdout, 'data');
    service = await spawnService({ dataFolder });
    following.kill('SIGINT');
    expect(await ended).to.deep.equal([0, null]);
    expect((await fetch(`${service.url}/livez`)).status).to.equal(200);
  });
});
