/** Where the API is: the one place that decides which addresses the key may be sent to. */

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/

/**
 * An address that may be asked for calls, without a trailing slash: `https`, or `http` on this machine. Otherwise one
 * line that says what would be right; it never repeats the text, which might hold a password.
 */
export function parseBaseUrl(text: string): { ok: true; value: string } | { ok: false; message: string } {
  if (!URL.canParse(text)) return wrong("is not an address such as https://echo.win/api/v1")
  const url = new URL(text)
  const isSafe = url.protocol === "https:" || (url.protocol === "http:" && LOOPBACK.test(url.hostname))
  if (!isSafe) return wrong("must begin with https:// (http:// only for localhost, 127.0.0.1 and [::1])")
  if (url.username !== "" || url.password !== "") return wrong("must not contain a user name or password")
  if (url.search !== "" || url.hash !== "") return wrong("must not contain a query or a fragment")
  return { ok: true, value: url.origin + url.pathname.replace(/\/+$/, "") }
}

function wrong(problem: string): { ok: false; message: string } {
  return { ok: false, message: `The base URL ${problem}.` }
}
