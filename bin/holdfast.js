#!/usr/bin/env node
// Runs the sources as they are: tsx compiles them as they are loaded, so a checkout needs no build.
import { register } from 'tsx/esm/api';

register();
const { run } = await import('../src/cli/cli.ts');
process.exitCode = await run(process.argv.slice(2), () => import('../src/main.ts'));
