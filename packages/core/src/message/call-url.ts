/** The address at which people find a call, by the deployment's own template: the vendor documents none. */

const PLACE = "{id}"

const URL_MAX = 1000

/** What is wrong with a template; null if nothing is. */
export function callUrlIssue(template: string): string | null {
  if (template.split(PLACE).length !== 2) return `must have ${PLACE} once, where the call's id goes`
  const url = parsed(template.replace(PLACE, "0"))
  if (!url || url.protocol !== "https:") return "must be an https address"
  if (url.username !== "" || url.password !== "") return "must have no user name and no password in it"
  if (template.length > URL_MAX) return `must have at most ${URL_MAX} characters`
  const other = parsed(template.replace(PLACE, "1"))
  return url.host === other?.host ? null : `must not have ${PLACE} in its host`
}

/** Null without a template, and of one that is no good. No id can lead anywhere else. */
export function callUrl(template: string | undefined, id: string): string | null {
  if (template === undefined || callUrlIssue(template) !== null) return null
  // Between two slashes they would be a way up, encoded or not.
  if (id === "." || id === "..") return null
  const encoded = encodeURIComponent(id.toWellFormed())
  return parsed(template.replace(PLACE, () => encoded))?.href ?? null
}

function parsed(text: string): URL | null {
  return URL.canParse(text) ? new URL(text) : null
}
