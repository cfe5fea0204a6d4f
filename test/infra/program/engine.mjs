/**
 * Stands in for Pulumi's engine and for AWS: takes down every resource and answers as if it had been made.
 *
 * Pulumi ships the mocks for this. They do not hand on a resource's parent and whether it is retained, so those
 * are read from the request itself.
 */
import { createRequire } from "node:module"
import path from "node:path"
import { lookUp, outputsOf } from "./aws.mjs"

export { REGION as ENGINE_REGION } from "./aws.mjs"

/** `resources` is filled while the program runs. An unknown look-up fails the program, naming it. */
export function startEngine({ platform, app, stage }) {
  const { runtime } = createRequire(path.join(platform, "package.json"))("@pulumi/pulumi")
  const resources = []

  void runtime.setMocks({ newResource: make, call: lookUp }, app, stage, false, "organization")
  const monitor = runtime.getMonitor()
  keepUrnsWithoutStack(monitor)
  const register = monitor.registerResource.bind(monitor)
  monitor.registerResource = (request, reply) => {
    takeDown(request)
    return register(request, reply)
  }

  function takeDown(request) {
    const type = request.getType()
    if (type === "pulumi:pulumi:Stack") return
    resources.push({
      type,
      name: request.getName(),
      parent: request.getParent().split("::").at(-1),
      isRetained: request.getRetainondelete(),
      inputs: withoutSecrets(runtime, runtime.deserializeProperties(request.getObject())),
    })
  }

  return { resources, runProgram: (program) => runtime.runInPulumiStack(program) }
}

function make({ type, name, id, inputs }) {
  return { id: id || `${name}-id`, state: { ...inputs, ...outputsOf({ type, name, inputs }) } }
}

/** The real engine leaves the stack out of its children's URNs, and SST reads the type of a link from them. */
function keepUrnsWithoutStack(monitor) {
  const newUrn = monitor.newUrn.bind(monitor)
  monitor.newUrn = (parent, type, name) =>
    newUrn(parent?.includes("pulumi:pulumi:Stack") ? undefined : parent, type, name)
}

/** Pulumi wraps a value that came from a secret; a test looks at the value. */
function withoutSecrets(runtime, value) {
  if (runtime.isRpcSecret(value)) return withoutSecrets(runtime, runtime.unwrapRpcSecret(value))
  if (Array.isArray(value)) return value.map((item) => withoutSecrets(runtime, item))
  if (value?.constructor !== Object) return value
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, withoutSecrets(runtime, item)]))
}
