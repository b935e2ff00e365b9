import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const CRUISER = fileURLToPath(new URL('../../node_modules/dependency-cruiser/bin/dependency-cruise.mjs', import.meta.url));
const RULES = fileURLToPath(new URL('../../.dependency-cruiser.mjs', import.meta.url));

export interface Violation {
  readonly rule: string;
  readonly from: string;
  readonly to: string;
}

export interface LayerReport {
  /** Files read below src/. A parser that understands nothing reads none and finds no fault. */
  readonly modules: readonly string[];
  readonly violations: readonly Violation[];
}

interface CruiseOutput {
  readonly modules: readonly { readonly source: string }[];
  readonly summary: {
    readonly violations: readonly { readonly rule: { readonly name: string }; readonly from: string; readonly to: string }[];
  };
}

/** Checks the dependency directions below `folder`/src, in a process of its own because its parser does not work under tsx. */
export async function checkLayers(folder: string): Promise<LayerReport> {
  const args = [CRUISER, 'src', '--config', RULES, '--output-type', 'json'];
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: folder, maxBuffer: 64 * 1024 * 1024 });
  const { modules, summary } = JSON.parse(stdout) as CruiseOutput;
  return {
    modules: modules.map(({ source }) => source).filter((source) => source.startsWith('src/')),
    violations: summary.violations.map(({ rule, from, to }) => ({ rule: rule.name, from, to })),
  };
}
