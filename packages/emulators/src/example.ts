/** The one call of the vendor's page, word for word: the first thing to compare an API or a client with. */
import type { EmulatedCall } from "./call.ts"
import type { CallSource } from "./source.ts"

export const EXAMPLE_CALL: EmulatedCall = {
  id: "call-uuid-1234",
  from: "+15551234567",
  to: "+15559876543",
  type: "INCOMING",
  status: "completed",
  duration: 245,
  createdAt: "2024-01-15T14:30:00.000Z",
  endedAt: "2024-01-15T14:34:05.000Z",
  summary: "Customer inquired about product availability and placed an order.",
  score: 4.5,
  flagged: false,
  favorite: true,
  spam: false,
  memory: "Customer prefers email communication. Has ordered before.",
  agent: { id: "agent-uuid-1234", name: "Customer Support Agent" },
  transcript: [
    {
      speaker: "agent",
      text: "Hello, thank you for calling. How can I help you today?",
      timestamp: "2024-01-15T14:30:05.000Z",
    },
    {
      speaker: "caller",
      text: "Hi, I wanted to check if you have the XYZ product in stock.",
      timestamp: "2024-01-15T14:30:15.000Z",
    },
    {
      speaker: "agent",
      text: "Yes, we do have the XYZ product available. Would you like to place an order?",
      timestamp: "2024-01-15T14:30:25.000Z",
    },
  ],
  // The page shows two turns in the list and three in the detail, and does not say why.
  listedTurns: 2,
  activityTimeline: [
    {
      id: "log-uuid-1",
      type: "CALL_ANSWERED",
      sender: null,
      data: null,
      toolData: null,
      timestamp: "2024-01-15T14:30:00.000Z",
    },
    {
      id: "log-uuid-2",
      type: "RESPONSE",
      sender: "agent",
      data: "Hello, thank you for calling. How can I help you today?",
      toolData: null,
      timestamp: "2024-01-15T14:30:05.000Z",
    },
    {
      id: "log-uuid-3",
      type: "TOOL_CALL",
      sender: "agent",
      data: "Looking up inventory...",
      toolData: { tool: "check_inventory", result: { inStock: true, quantity: 50 } },
      timestamp: "2024-01-15T14:30:30.000Z",
    },
  ],
  recordingUrl: "https://cr.files.echo.win/recording-key-abc123",
  metadata: {
    sentiment: { happy: 0.8, sad: 0, angry: 0, neutral: 0.2 },
    callQuality: "excellent",
    technicalIssues: null,
    usage: { inputTokens: 1500, outputTokens: 800, totalTokens: 2300 },
    callCost: 0.15,
  },
}

/** A source of nothing but the documented call. */
export const EXAMPLE_SOURCE: CallSource = {
  callsAt: () => [EXAMPLE_CALL],
  callAt: (_now, id) => (id === EXAMPLE_CALL.id ? EXAMPLE_CALL : undefined),
}
