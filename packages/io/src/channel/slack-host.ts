/** Where Slack's webhooks are, and what is wrong with an address that is said to be one. Apart from what sends: the API checks too. */

export const SLACK_HOSTS: readonly string[] = ["hooks.slack.com", "hooks.slack-gov.com"]

/** What is wrong with a webhook's address, without repeating it; null if nothing is. */
export function webhookIssue(webhookUrl: string, allowedHosts: readonly string[]): string | null {
  if (!URL.canParse(webhookUrl)) return "is not a URL"
  const { protocol, host, hostname, pathname, username, password } = new URL(webhookUrl)
  if (username || password) return "must not contain a user or a password"
  if (!allowedHosts.includes(host) && !allowedHosts.includes(hostname)) {
    return `must be an address at ${allowedHosts.join(" or ")}; SLACK_ALLOWED_HOSTS names others`
  }
  if (!SLACK_HOSTS.includes(host)) {
    return protocol === "https:" || protocol === "http:" ? null : "must begin with https://"
  }
  if (protocol !== "https:") return "must begin with https://"
  return pathname.startsWith("/services/") ? null : "must be https://hooks.slack.com/services/…"
}
