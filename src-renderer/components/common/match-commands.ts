/** How well a title answers a query: lower is better, null not at all. Words may be cut short and in any order. */
export function matchScore(title: string, query: string): number | null {
  const haystack = title.toLowerCase();
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  let score = 0;
  for (const word of words) {
    const at = haystack.indexOf(word);
    if (at < 0) return null;
    const startsWord = at === 0 || /[^\p{L}\p{N}]/u.test(haystack[at - 1] ?? '');
    score += (startsWord ? 0 : 100) + at;
  }
  return score;
}
