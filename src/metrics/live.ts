import type { LiveStatistics } from '../queries/live/live-maps.ts';
import type { FactSource } from './scrape.ts';

/** Who watches slots through this process. */
export function liveSource(read: () => LiveStatistics): FactSource<LiveStatistics> {
  return {
    name: 'live',
    read,
    series: [
      { kind: 'gauge', name: 'holdfast_live_watchers', help: 'Clients that watch a slot.', of: ({ watchers }) => watchers },
      { kind: 'gauge', name: 'holdfast_live_channels', help: 'Slots and spans that are watched.', of: ({ channels }) => channels },
      {
        kind: 'gauge',
        name: 'holdfast_live_unread_bytes',
        help: 'Bytes that watchers were sent and have not read, once for all who were sent the same.',
        of: ({ unreadBytes }) => unreadBytes,
      },
      {
        kind: 'counter',
        name: 'holdfast_live_frames_sent_total',
        help: 'Changes that were sent to watchers.',
        of: ({ framesSent }) => framesSent,
      },
      {
        kind: 'counter',
        name: 'holdfast_live_cut_off_total',
        help: 'Watchers that were too slow, and were sent away.',
        of: ({ cutOff }) => cutOff,
      },
    ],
  };
}
