import { execFile } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Edit, Mutation } from './mutations.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
/** Few, and always the same: a verdict must not hang on luck. */
const ENVIRONMENT = { HOLDFAST_SEQUENCES: '200', HOLDFAST_SEED: '1' };
const MAX_MILLISECONDS = 120_000;
const MAX_OUTPUT_BYTES = 64 * 1024 * 1024;

/** The source with the bug in it. @throws when the text is not there exactly once. */
export function withBug(source: string, { file, text, becomes }: Edit): string {
  const places = source.split(text).length - 1;
  if (places !== 1) throw new Error(`${file} has the text of a deliberate bug ${places} times, not once:\n${text}`);
  return source.replace(text, () => becomes);
}

/** What the tests that notice the bugs need. */
const COPIED = [
  'src',
  'test/domain',
  'test/commands',
  'test/support',
  'test/histories',
  'test/simulation',
  'package.json',
  'tsconfig.json',
];

/** A copy of the sources and their tests, in a temporary folder, that may be spoilt. */
export class Copy {
  readonly folder = mkdtempSync(join(tmpdir(), 'holdfast-mutations-'));

  constructor() {
    for (const path of COPIED) cpSync(join(ROOT, path), join(this.folder, path), { recursive: true });
    symlinkSync(join(ROOT, 'node_modules'), join(this.folder, 'node_modules'));
  }

  plant({ edits }: Mutation): void {
    for (const edit of edits) {
      const path = join(this.folder, edit.file);
      writeFileSync(path, withBug(readFileSync(path, 'utf8'), edit));
    }
  }

  heal({ edits }: Mutation): void {
    for (const { file } of edits) cpSync(join(ROOT, file), join(this.folder, file));
  }

  remove(): void {
    rmSync(this.folder, { recursive: true });
  }

  /** Runs the test files and tells the titles of those that failed and passed. @throws when they did not run at all. */
  test(files: readonly string[]): Promise<{ readonly failed: readonly string[]; readonly passed: readonly string[] }> {
    const mocha = join(ROOT, 'node_modules/mocha/bin/mocha.js');
    const args = [mocha, '--no-config', '--node-option', 'import=tsx', '--reporter', 'json', ...files];
    const options = { cwd: this.folder, env: { ...process.env, ...ENVIRONMENT }, timeout: MAX_MILLISECONDS, maxBuffer: MAX_OUTPUT_BYTES };
    return new Promise((resolve, reject) => {
      execFile(process.execPath, args, options, (_error, stdout, stderr) => {
        try {
          const report = JSON.parse(stdout.slice(stdout.indexOf('{'))) as { failures: { title: string }[]; passes: { title: string }[] };
          const titles = (tests: { title: string }[]) => tests.map((test) => test.title);
          resolve({ failed: titles(report.failures), passed: titles(report.passes) });
        } catch (cause) {
          reject(new Error(`the tests did not run: ${stderr || stdout}`, { cause }));
        }
      });
    });
  }
}
