/**
 * JSON as people write it, read without losing any of it: `JSON.parse` keeps the last of two keys of one name and makes
 * `__proto__` no key at all, so that half a rule would vanish without a word.
 */

/** `path` leads to what is wrong. */
type JsonIssue = { path: (string | number)[]; message: string }

export type StrictJson =
  | { kind: "value"; value: unknown }
  | { kind: "not-json" }
  /** It is JSON, and what it means is not clear. */
  | { kind: "ambiguous"; issues: JsonIssue[] }

/** Nobody reads more. */
const ISSUES_MAX = 20

export function readStrictJson(text: string): StrictJson {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return { kind: "not-json" }
  }
  const issues = lostKeys(text)
  return issues.length > 0 ? { kind: "ambiguous", issues } : { kind: "value", value }
}

type Level = { keys: Set<string> | null; at: string | number }

/** A text, or a sign of the structure. Numbers and the three words need not be seen. */
const TOKEN = /"(?:[^"\\]|\\.)*"|[{}[\],:]/g

/** Of a text that is JSON: then a text before a colon is a key, and nothing else has to be checked. */
function lostKeys(text: string): JsonIssue[] {
  const issues: JsonIssue[] = []
  const levels: Level[] = []
  let before = ""
  for (const [token] of text.matchAll(TOKEN)) {
    const level = levels.at(-1)
    if (token === "{") levels.push({ keys: new Set(), at: "" })
    else if (token === "[") levels.push({ keys: null, at: 0 })
    else if (token === "}" || token === "]") levels.pop()
    else if (token === "," && typeof level?.at === "number") level.at++
    else if (token === ":" && level?.keys) {
      level.at = String(JSON.parse(before))
      const message = issueOf(level.at, level.keys)
      if (message !== null) issues.push({ path: levels.map(({ at }) => at), message })
      if (issues.length >= ISSUES_MAX) return issues
      level.keys.add(level.at)
    }
    before = token
  }
  return issues
}

function issueOf(key: string, keys: ReadonlySet<string>): string | null {
  if (key === "__proto__") return "is no name that a field can have"
  return keys.has(key) ? "is there twice: put both into a list of all or any, or leave one out" : null
}
