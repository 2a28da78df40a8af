/* What process/ and mm/ need of the file system. */
#pragma once
#include "kernel/types.h"

struct file;
struct files;
struct fs_context;

/* Where an ELF file of the image executes. */
struct code_info {
  u64 address;     /* of its lowest LOAD page in code objects; 0: it has no place in any */
  u32 mask;        /* bit k: in code object k */
  u64 text_offset; /* of pages that hold instructions only */
  u32 text_pages;
};

/* The image, the mounts. Once, before any process. */
void fs_start(void);
void net_start(void);
/* Commits disks; at the end of the last process. */
void fs_shutdown(void);

/* Of the present process' directories; referenced, for file_put; or ERR_PTR. */
struct file *file_open_path(const char *path, int flags, u32 mode);
struct file *file_get(struct file *file);
void file_put(struct file *file);
/* Bytes read, fewer at the end, or -errno; not the file's position. */
long file_read_at(struct file *file, void *to, size_t size, u64 offset);
/* Of the image: the lowest address above all code, and where the vDSO is (0: nowhere). */
u64 image_code_end(void);
u64 image_vdso_address(void);
/* May it be mapped, executed? */
bool file_is_regular(const struct file *file);
bool file_may_execute(const struct file *file);
/* False: no code anywhere. */
bool file_code(const struct file *file, struct code_info *info);

/* Descriptors. */
struct files *files_create(bool has_console); /* as 0, 1, 2 */
struct files *files_copy(struct files *files);
struct files *files_share(struct files *files);
void files_put(struct files *files);
void files_close_on_exec(struct files *files);

/* Root, working directory, umask. */
struct fs_context *fs_context_create(const char *directory); /* null: there is no such directory */
struct fs_context *fs_context_copy(struct fs_context *context);
struct fs_context *fs_context_share(struct fs_context *context);
void fs_context_put(struct fs_context *context);
