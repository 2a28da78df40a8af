// The package image file: what the builder writes, the reader checks and the library OS (guests/libos/fs) mounts.
// Little endian. Inode 0 is the root.
//
//   header  64 B  magic[8] "CVMIMG1\0", u64 × 7: size of the file, offset of the inodes, their number, code_end,
//                 vdso_address, number of code objects, inode of the vDSO; the last of both 0: there is none
//   inode   64 B  u32 mode, nlink, uid, gid; u64 size, offset, mtime (s), code_address; u32 entries, code_mask;
//                 u64 text: first page in the file << 32 | number of pages that are instructions and nothing else
//   entry   16 B  u32 inode, u16 length of the name, u16 0, u64 offset of the name. Sorted by the names' bytes
//
// Contents of files begin at pages of their own; equal contents are there once. `offset` is a directory's first entry,
// a link's target. A program or library lies at code_address, in the code objects of code_mask: at the same addresses
// its text is in a code object and its data in a process. `code_end` is the lowest address above all of them.
export const MAGIC = 'CVMIMG1\0';
export const PAGE = 4096;
export const HEADER_SIZE = 64;
export const INODE_SIZE = 64;
export const ENTRY_SIZE = 16;

export const S_IFMT = 0o170000;
export const S_IFDIR = 0o040000;
export const S_IFREG = 0o100000;
export const S_IFLNK = 0o120000;

/** Code objects of an image: as many as a cVM has slots for. */
export const CODE_OBJECTS = 8;
