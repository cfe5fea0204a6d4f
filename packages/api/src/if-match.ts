/** Optimistic edits: an edit that names the version it was made on is refused if there is a newer one. */
import type { Context } from "hono"
import { type Problem, problem } from "./problem.ts"

/** Null if the request names no version, or this one. `etag`: of what there is; null if there is nothing. */
export function matchIssue(
  context: Context,
  { noun, etag }: { noun: string; etag: string | null },
): Problem | null {
  const wanted = context.req.header("if-match")
  if (wanted === undefined || (wanted === "*" && etag !== null)) return null
  if (etag !== null && wanted.split(",").some((one) => one.trim() === etag)) return null
  return problem(
    412,
    etag ? `The ${noun} is at version ${etag} now; read it again.` : `There is no such ${noun}.`,
  )
}

export function etagOf({ version }: { version: number }): string {
  return `"${version}"`
}
