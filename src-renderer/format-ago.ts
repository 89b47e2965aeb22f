import { formatDate } from './format.ts';
import { text } from './text.ts';

/** "just now", "12 min ago", "3 days ago", then the date. */
export function formatAgo(ms: number, nowMs: number): string {
  const seconds = Math.max(0, nowMs - ms) / 1000;
  if (seconds < 45) return text.ago.now;
  if (seconds < 90 * 60) return text.ago.minutes(Math.max(1, Math.round(seconds / 60)));
  if (seconds < 36 * 3600) return text.ago.hours(Math.round(seconds / 3600));
  if (seconds < 30 * 86400) return text.ago.days(Math.round(seconds / 86400));
  return formatDate(ms);
}
