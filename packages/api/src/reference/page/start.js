/**
 * Starts Swagger UI on this API's description, and mends what its makers left. Served to the browser as it stands
 * here, without a build.
 */
"use strict"

/** Parts of the page, each made from the library's own. */
const mended = ({ React }) => ({
  wrapComponents: {
    // A link inside the button that opens an operation can neither be reached by keyboard nor read out.
    DeepLink: () => (props) => React.createElement("span", null, props.text),
    // The command is for pasting and for screenshots, so the token must not be in it.
    curl: (Curl) => (props) => {
      const request = props.request.hasIn(["headers", "Authorization"])
        ? props.request.setIn(["headers", "Authorization"], "Bearer <token>")
        : props.request
      return React.createElement(Curl, { ...props, request })
    },
  },
})

/** Names for what the library leaves without one, and keyboard access to what scrolls. */
const ATTRIBUTES = [
  [".close-modal", "aria-label", "Close"],
  [".body-param textarea", "aria-label", "Request body"],
  [".microlight", "tabindex", "0"],
  [".json-schema-2020-12-json-viewer", "tabindex", "0"],
]

function mendAccess() {
  for (const [selector, name, value] of ATTRIBUTES) {
    for (const element of document.querySelectorAll(`${selector}:not([${name}])`)) {
      element.setAttribute(name, value)
    }
  }
  // A choice of a parameter is called what the parameter is.
  for (const row of document.querySelectorAll("tr[data-param-name]")) {
    for (const choice of row.querySelectorAll("select:not([aria-label])")) {
      choice.setAttribute("aria-label", row.getAttribute("data-param-name"))
    }
  }
  // What these buttons are called must be what stands on them.
  for (const button of document.querySelectorAll(".auth-btn-wrapper button[aria-label]")) {
    button.removeAttribute("aria-label")
  }
}

const reference = document.getElementById("reference")
new MutationObserver(mendAccess).observe(reference, { childList: true, subtree: true })

globalThis.SwaggerUIBundle({
  domNode: reference,
  url: "openapi.json",
  // Nothing is asked of any other host: the library's standalone layout would send the description's address to its makers' validator.
  validatorUrl: null,
  // The token stays in this tab's memory and is gone when the tab is.
  persistAuthorization: false,
  tryItOutEnabled: true,
  displayRequestDuration: true,
  defaultModelsExpandDepth: 0,
  defaultModelExpandDepth: 2,
  plugins: [mended],
})
