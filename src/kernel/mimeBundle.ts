/** Representations of one thing by media type; a client shows the richest that it can. */
export type MimeBundle = Readonly<Record<string, unknown>>;
