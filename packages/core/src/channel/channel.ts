/** Where alerts go, and how much of a caller each channel shows. */
import * as z from "zod"

/**
 * minimal: no number, no names, no words of the call. standard: besides, the last digits of the caller's number,
 * the agent, the summary. full: everything, with the recording's address, which is as good as a key to it.
 */
export const Privacy = z.enum(["minimal", "standard", "full"])

export type Privacy = z.infer<typeof Privacy>

export const ChannelId = z.enum(["slack", "email"])

export type ChannelId = z.infer<typeof ChannelId>
