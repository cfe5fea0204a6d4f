/** The three answers of a condition. Unknown: what it depends on is not there yet, or more of the call can still change it. */
export type Truth = "true" | "false" | "unknown"

export function opposite(truth: Truth): Truth {
  if (truth === "unknown") return truth
  return truth === "true" ? "false" : "true"
}
