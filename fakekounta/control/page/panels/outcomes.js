// How a delivery can end, and the colour that shows it.
export const TONES = { pending: "note", delivered: "good", failed: "bad", blocked: "bad", dropped: "warn" };
export const OUTCOMES = Object.keys(TONES);
