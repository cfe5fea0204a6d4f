/** Optimistic edits: an edit names the version it was made on, and is refused if there is a newer one, or if it names none. */
import type { Context } from "hono"
import { type Problem, problem } from "./problem.ts"

/**
 * Null if the request may change what there is. `etag`: of what there is; null if there is nothing. `version`: what the body says
 * of it, which counts as naming it.
 */
export function matchIssue(
  context: Context,
  { noun, etag, version }: { noun: string; etag: string | null; version?: number | undefined },
): Problem | null {
  const unwanted = context.req.header("if-none-match")
  if (unwanted !== undefined && etag !== null && (unwanted === "*" || names(unwanted, etag))) {
    return problem(412, `There is such a ${noun} already, at version ${etag}; nothing was changed.`)
  }
  const wanted = context.req.header("if-match")
  const isNamed = wanted !== undefined || version !== undefined
  if (!isNamed) return etag === null ? null : unnamed(noun, etag)
  if (etag === null) return problem(412, `There is no such ${noun}.`)
  const isWanted = wanted === undefined || wanted === "*" || names(wanted, etag)
  if (isWanted && (version === undefined || etag === etagOf({ version }))) return null
  return problem(412, `The ${noun} is at version ${etag} now; read it again.`)
}

function names(header: string, etag: string): boolean {
  return header.split(",").some((one) => one.trim() === etag)
}

function unnamed(noun: string, etag: string): Problem {
  return problem(
    428,
    `Say which version of the ${noun} you have seen, so that nobody's edit is lost: read it, and send its ETag back as If-Match. ` +
      `It is at ${etag} now. If-Match: * changes it whatever it is.`,
  )
}

export function etagOf({ version }: { version: number }): string {
  return `"${version}"`
}
