// The outcomes of deliveries, and their colours.
export const TONES = { pending: "note", delivered: "good", failed: "bad", blocked: "bad", dropped: "warn" };
export const OUTCOMES = Object.keys(TONES);
