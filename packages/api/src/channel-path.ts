/** What the document says of the routes under /channels. */
import { ChannelId } from "@earshot/core/channel/channel"
import { ChannelInput } from "@earshot/core/channel/settings"
import * as z from "zod"
import type { ZodOpenApiPathsObject } from "zod-openapi"
import { TestView } from "./channel-test.ts"
import { ChannelView, UnreadableChannelView } from "./channel-view.ts"
import { json, problems } from "./operation.ts"
import { snoozePaths } from "./snooze.ts"

const EXAMPLE = {
  kind: "webhook",
  name: "Billing",
  target: { url: "https://example.com/earshot" },
  agents: ["Billing assistant"],
  severityFrom: "warning",
}

const IdParameter = z.object({ id: ChannelId.meta({ description: "The channel's id.", example: "slack" }) })

const IfMatch = z.object({
  "If-Match": z
    .string()
    .optional()
    .describe("The ETag of the version that you read; the edit is refused if there is a newer one."),
})

const Versioned = z.object({ etag: z.string().describe("The channel's version, for If-Match.") })

const Located = Versioned.extend({ location: z.string().describe("The channel's address.") })

export function channelPaths(): ZodOpenApiPathsObject {
  const Channel = ChannelView.meta({ id: "Channel" })
  const Unreadable = UnreadableChannelView.meta({ id: "UnreadableChannel" })
  const ChannelList = z
    .object({ channels: z.array(z.union([Channel, Unreadable])) })
    .meta({ id: "ChannelList" })
  const Input = ChannelInput.meta({ id: "ChannelInput" })
  const requestBody = { required: true, content: { "application/json": { schema: Input, example: EXAMPLE } } }
  const added = json(Channel, "The new channel; there was none with this id.", Located)
  const found = json(z.union([Channel, Unreadable]), "The channel.", Versioned)
  return {
    "/channels": {
      get: {
        operationId: "listChannels",
        tags,
        summary: "List the channels, sorted by id, and how each does",
        responses: { 200: json(ChannelList, "The channels."), ...always },
      },
      post: {
        operationId: "createChannel",
        tags,
        summary: "Add a channel",
        requestBody,
        responses: { 201: added, ...problems(400, 409, 413), ...always },
      },
    },
    "/channels/{id}": {
      get: {
        operationId: "readChannel",
        tags,
        summary: "Read a channel, and how it does",
        requestParams: { path: IdParameter },
        responses: { 200: found, ...problems(404), ...always },
      },
      put: {
        operationId: "replaceChannel",
        summary: "Replace a channel, or add one with this id. Secrets that are left out stay.",
        ...edit,
        requestBody,
        responses: { 200: editedOf(Channel), 201: added, ...editProblems, ...always },
      },
      patch: {
        operationId: "changeChannel",
        summary: "Change some settings of a channel",
        ...edit,
        requestBody: patchBody,
        responses: { 200: editedOf(Channel), ...editProblems, ...always },
      },
      delete: {
        operationId: "deleteChannel",
        summary: "Delete a channel that was added",
        ...edit,
        responses: {
          204: { description: "It is deleted." },
          ...problems(404, 409, 412, 413, 428),
          ...always,
        },
      },
    },
    "/channels/{id}/snooze": snoozePaths({ noun: "channel", schema: Channel, edit, versioned: Versioned }),
    ...testPaths(),
  }
}

function testPaths(): ZodOpenApiPathsObject {
  const Test = TestView.meta({ id: "ChannelTest" })
  return {
    "/channels/{id}/test": {
      post: {
        operationId: "testChannel",
        tags,
        summary: "Send a test message by way of the poller, and wait for what the channel says",
        requestParams: { path: IdParameter },
        responses: {
          200: json(Test, "What the channel said.", Tested),
          202: json(Test, "The poller has not sent it yet: ask again at the address.", Tested),
          ...problems(404, 409, 413),
          ...always,
        },
      },
    },
    "/channels/{id}/tests/{test}": {
      get: {
        operationId: "readChannelTest",
        tags,
        summary: "What came of a test message",
        requestParams: { path: IdParameter.extend({ test: z.string() }) },
        responses: { 200: json(Test, "What came of it."), ...problems(404), ...always },
      },
    },
  }
}

const tags = ["channels"]

const always = problems(401, 500, 503)

const editProblems = problems(400, 404, 409, 412, 413, 428)

const edit = { tags, requestParams: { path: IdParameter, header: IfMatch } }

const patchBody = {
  required: true,
  content: {
    "application/json": {
      schema: z.record(z.string(), z.unknown()).meta({
        id: "ChannelPatch",
        description: "The fields to change; null takes one back to its default.",
      }),
      example: { severityFrom: "critical" },
    },
  },
}

const editedOf = (Channel: z.ZodType) => json(Channel, "The channel, at its next version.", Versioned)

const Tested = z.object({ location: z.string().describe("Where to ask what came of the test.") })
