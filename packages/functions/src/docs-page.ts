/** A page to read and try the API at. */
export const docsPage = {
  policy: "default-src 'self'",
  html: "<!doctype html><title>Earshot</title><a href=/openapi.json>openapi.json</a>",
}
