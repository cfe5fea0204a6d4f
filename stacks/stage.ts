/**
 * Which stages are kept from a wrong `sst remove` and from a deploy that says nothing of who is told. `app()` asks before the platform is
 * there, so that this file imports nothing.
 */

/** Whatever else is listed, nobody means these to go. */
const ALWAYS_PROTECTED = ["prod", "production"]

/** `listed`: what `settings/protected-stages.json` has. Throws if that is no list of names. */
export function isProtectedStage(stage: string, listed: unknown): boolean {
  const isList = Array.isArray(listed) && listed.every((name) => typeof name === "string" && name !== "")
  if (!isList) {
    throw new Error('settings/protected-stages.json is no list of stages (example: ["production", "live"])')
  }
  return ALWAYS_PROTECTED.includes(stage) || listed.includes(stage)
}
