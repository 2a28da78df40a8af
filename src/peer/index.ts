// Host code as a peer of cVMs, from 'capvm/peer': docs/embedding.md.
export { PeerError } from './errors.ts';
export type { Patience, PeerFile } from './file.ts';
export { Peer } from './peer.ts';
export type { CallOptions, CallResult, PeerOptions, PeerSpec, ServeOptions } from './peer.ts';
export type { Caller, Handler, Result } from './service.ts';
