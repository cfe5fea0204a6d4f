/**
 * Whether a team's scores are on the documented scale of 0 to 5. A rule for scores of at most 2 would match every call of
 * a team whose scores never exceed 1, so people are told; the scores themselves are left as the vendor sent them.
 */

/** Fewer scores prove nothing: a bad day has some. */
const SCORES_MIN = 50

/** What to tell people of a team's scores, given how many there were and the highest; null if they look right. */
export function scoreScaleNotice({ count, max }: { count: number; max: number | null }): string | null {
  if (count < SCORES_MIN || max === null || max > 1) return null
  const seen = Math.round(max * 100) / 100
  return `None of the last ${count} scores is above ${seen}: this team's scores seem to go from 0 to 1, not from 0 to 5.`
}
