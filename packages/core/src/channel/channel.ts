/** Where alerts go, and how much of a caller each channel shows. */
import * as z from "zod"

/**
 * minimal: no number, no names, no words from the call. standard: also the last digits of the caller's number, the
 * agent and the summary. full: everything, including the recording's address, which gives access to it.
 */
export const Privacy = z.enum(["minimal", "standard", "full"])

export type Privacy = z.infer<typeof Privacy>

export const ChannelId = z.enum(["slack", "email"])

export type ChannelId = z.infer<typeof ChannelId>
