#!/usr/bin/env -S node --max-semi-space-size=64 --v8-pool-size=0 --no-allocation-site-pretenuring
// What a request makes lives for milliseconds: with room for some tens of megabytes of it, a tenth of the processor's
// time in a rush is saved that collecting the remains of requests still under way would take. And it is collected
// with as many threads as there are processors (0), less one, in place of four: on two of them those four took twice as
// long together, while requests waited. V8 must not guess what will live for long, either: in a steady stream of appends
// there is one under way whenever it looks, so it takes what they are made of for old, and with it keeps the bytes that
// they send until it next marks the whole heap, which it then does for the sake of those bytes. (Started as
// `node bin/holdfast.js` it works as well, with Node's own settings.)
//
// Runs the sources as they are: tsx compiles them as they are loaded, so a checkout needs no build.
import { register } from 'tsx/esm/api';

register();
const { run } = await import('../src/cli/cli.ts');
process.exitCode = await run(process.argv.slice(2), () => import('../src/main.ts'));
