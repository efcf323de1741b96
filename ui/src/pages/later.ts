// later.ts: the pages that are not the first one somebody sees, in one file of their own: each in its own would cut what
// they share with the others into a dozen pieces, and all of those would be fetched for the first page.
export { CanaryLines } from "../parts/canary-lines";
export { default as AuditPage } from "./audit";
export { default as LogLivePage } from "./log-live";
export { default as LogPage } from "./log";
export { default as LogPagePage } from "./log-page";
export { default as LogPagesPage } from "./log-pages";
export { default as MePage } from "./me";
export { default as PeoplePage } from "./people";
