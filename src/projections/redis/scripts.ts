import { Script } from './script.ts';
import { MAX_ROWS, META } from './slot-codec.ts';

// A slot's hash is either a registration (epoch, filling, floor) or rows (epoch, version, position, from, and
// the rows). What belongs to another epoch than the one that is fed now counts as not there. Every value is JSON.
// Redis refuses a script for want of memory at its first write alone, and never one that removes something: so whatever
// makes a hash, or makes it larger, writes before it removes.

/** Fields per HSET and HDEL: what Lua may put on its stack is bounded. */
const PIECE = 1_000;
const MAX_FIELDS = MAX_ROWS + Object.keys(META).length;

/**
 * Answers one text, values of JSON with commas between them: epoch, version, position and from, null for what is
 * not there, and then all values of the hash. Hundreds of small replies would cost a client more than all the rest.
 */
export const READ = new Script(`
local values = redis.call('HMGET', KEYS[1], 'epoch', 'version', 'position', 'from')
for index = 1, 4 do values[index] = values[index] or 'null' end
values[5] = table.concat(redis.call('HVALS', KEYS[1]), ',')
if values[5] == '' then values[5] = nil end
return table.concat(values, ',')`);

/**
 * ARGV: epoch, token, milliseconds. Registers a fill where there is neither one nor rows; what another epoch
 * left there goes, which makes the room that a registration takes. Answers 1 when it did.
 */
export const REGISTER = new Script(`
local epoch = redis.call('HGET', KEYS[1], 'epoch')
if epoch == ARGV[1] then return 0 end
if epoch then redis.call('DEL', KEYS[1]) end
redis.call('HSET', KEYS[1], 'epoch', ARGV[1], 'filling', ARGV[2], 'floor', 0)
redis.call('PEXPIRE', KEYS[1], ARGV[3])
return 1`);

/**
 * ARGV: token, version, milliseconds, then fields and values, the epoch among them. Puts rows where the registration
 * stands, unless events were told to it that the rows do not have.
 */
export const STORE = new Script(`
local held = redis.call('HMGET', KEYS[1], 'filling', 'floor')
if held[1] ~= ARGV[1] then return 'lost' end
if tonumber(ARGV[2]) < tonumber(held[2]) then return 'behind' end
for first = 4, #ARGV, ${PIECE} do
  redis.call('HSET', KEYS[1], unpack(ARGV, first, math.min(first + ${PIECE - 1}, #ARGV)))
end
redis.call('HDEL', KEYS[1], 'filling', 'floor')
redis.call('PEXPIRE', KEYS[1], ARGV[3])
return 'stored'`);

/** ARGV: token. Takes a registration back. */
export const WITHDRAW = new Script(`
if redis.call('HGET', KEYS[1], 'filling') == ARGV[1] then return redis.call('DEL', KEYS[1]) end
return 0`);

/**
 * ARGV: epoch, version of the last event at hand. Answers the version of the rows; nothing when there are
 * none. A registration is told how far the rows have to be that it will take.
 */
export const LOOK = new Script(`
local held = redis.call('HMGET', KEYS[1], 'epoch', 'version', 'floor')
if held[1] ~= ARGV[1] then return false end
if held[2] ~= false then return tonumber(held[2]) end
if tonumber(ARGV[2]) > tonumber(held[3]) then redis.call('HSET', KEYS[1], 'floor', ARGV[2]) end
return false`);

/**
 * ARGV: epoch, version that the rows must have, milliseconds that a slot stays which was not there before,
 * number of fields to set, these with their values, fields to remove. Answers 1 when the rows had that version.
 * Rows that have become more than there may be are let go of.
 */
export const APPLY = new Script(`
local held = redis.call('HMGET', KEYS[1], 'epoch', 'version')
if held[1] ~= ARGV[1] or held[2] ~= ARGV[2] then return 0 end
local last = 4 + 2 * tonumber(ARGV[4])
for first = 5, last, ${PIECE} do
  redis.call('HSET', KEYS[1], unpack(ARGV, first, math.min(first + ${PIECE - 1}, last)))
end
for first = last + 1, #ARGV, ${PIECE} do
  redis.call('HDEL', KEYS[1], unpack(ARGV, first, math.min(first + ${PIECE - 1}, #ARGV)))
end
if redis.call('HLEN', KEYS[1]) > ${MAX_FIELDS} then
  redis.call('UNLINK', KEYS[1])
elseif ARGV[2] == '0' then
  redis.call('PEXPIRE', KEYS[1], ARGV[3])
end
return 1`);

/** ARGV: expected value ('' for none), new value. Answers the value that stands afterwards. */
export const MOVE = new Script(`
local stands = redis.call('GET', KEYS[1]) or ''
if stands ~= ARGV[1] then return stands end
redis.call('SET', KEYS[1], ARGV[2])
return ARGV[2]`);
