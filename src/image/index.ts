// Package images: trees of files that library OSes mount, and the text of their programs.
export { buildImage, VDSO_PATH } from './build.ts';
export type { PackageImage } from './build.ts';
export { codeObjects } from './code.ts';
export type { ProgramCode } from './code.ts';
export { addHostDirectory } from './directory.ts';
export { ImageError } from './errors.ts';
export { PullError } from './debian/errors.ts';
export { openImage, pull } from './pull.ts';
export type { PullOptions } from './pull.ts';
export { ImageFile } from './read.ts';
export type { ImageEntry, ImageInode } from './read.ts';
export { ImageStore } from './store.ts';
export type { ImageRecord, PackageRecord } from './store.ts';
export { addSystemFiles, addSystemLinks } from './system-files.ts';
export { addTar } from './tar.ts';
export { ImageTree } from './tree.ts';
export type { Attributes } from './tree.ts';
