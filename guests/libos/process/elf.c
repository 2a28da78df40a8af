/* Reading ELF files. Nothing in them is believed: offsets and addresses are checked before use. */
#include "process/elf.h"

#define ADDRESS_LIMIT (1ul << 32)

static bool is_ours(const struct elf_header *header) {
  static const u8 magic[] = {0x7f, 'E', 'L', 'F', 2, 1, 1};
  return memcmp(header->identification, magic, sizeof magic) == 0 && header->machine == EM_RISCV &&
         (header->type == ET_EXEC || header->type == ET_DYN) && header->segment_size == sizeof(struct elf_segment) &&
         header->segment_count > 0 && header->segment_count <= ELF_SEGMENTS;
}

static bool is_sane(const struct elf_segment *segment) {
  return segment->file_size <= segment->memory_size && segment->address < ADDRESS_LIMIT &&
         segment->memory_size < ADDRESS_LIMIT && segment->offset < ADDRESS_LIMIT &&
         (segment->address - segment->offset) % PAGE_SIZE == 0;
}

long elf_read(struct elf *elf, struct file *file) {
  *elf = (struct elf){.file = file, .lowest = ~0ul};
  struct elf_header *header = &elf->header;
  if (file_read_at(file, header, sizeof *header, 0) != sizeof *header || !is_ours(header)) return -ENOEXEC;
  long size = header->segment_count * (long)sizeof(struct elf_segment);
  if (header->segments_offset >= ADDRESS_LIMIT || file_read_at(file, elf->segments, (size_t)size, header->segments_offset) != size) return -ENOEXEC;
  for (unsigned i = 0; i < header->segment_count; i++) {
    const struct elf_segment *segment = &elf->segments[i];
    if (segment->type != PT_LOAD) continue;
    if (!is_sane(segment)) return -ENOEXEC;
    elf->lowest = min(elf->lowest, round_down(segment->address, PAGE_SIZE));
    elf->end = max(elf->end, round_up(segment->address + segment->memory_size, PAGE_SIZE));
  }
  struct code_info code;
  if (elf->end == 0) return -ENOEXEC;
  if (!file_code(file, &code)) return -EACCES;
  elf->bias = code.address - elf->lowest;
  elf->code_mask = code.mask;
  return header->type == ET_EXEC && elf->bias != 0 ? -ENOEXEC : 0;
}

static int protection_of(u32 flags) {
  return (flags & PF_R ? PROT_READ : 0) | (flags & PF_W ? PROT_WRITE : 0) | (flags & PF_X ? PROT_EXEC : 0);
}

static long map_segment(const struct elf *elf, const struct elf_segment *segment, struct mm *mm) {
  uaddr_t start = elf->bias + segment->address, file_end = start + segment->file_size, end = start + segment->memory_size;
  uaddr_t page = round_down(start, PAGE_SIZE), anonymous = round_up(file_end, PAGE_SIZE);
  int protection = protection_of(segment->flags), how = MAP_PRIVATE | MAP_FIXED;
  if (segment->file_size > 0) {
    long result = mm_map(mm, page, file_end - page, protection, how, elf->file, segment->offset - (start - page));
    if (result < 0) return result;
    if (segment->flags & PF_W) memset(mm->slot + file_end, 0, anonymous - file_end);
  } else {
    anonymous = page;
  }
  if (round_up(end, PAGE_SIZE) <= anonymous) return 0;
  long result = mm_map(mm, anonymous, end - anonymous, protection, how | MAP_ANONYMOUS, NULL, 0);
  return result < 0 ? result : 0;
}

long elf_map(const struct elf *elf, struct mm *mm) {
  for (unsigned i = 0; i < elf->header.segment_count; i++) {
    if (elf->segments[i].type != PT_LOAD) continue;
    long result = map_segment(elf, &elf->segments[i], mm);
    if (result < 0) return result;
  }
  return 0;
}

long elf_interpreter(const struct elf *elf, char *to, size_t size) {
  for (unsigned i = 0; i < elf->header.segment_count; i++) {
    const struct elf_segment *segment = &elf->segments[i];
    if (segment->type != PT_INTERP) continue;
    if (segment->file_size < 2 || segment->file_size > size || segment->offset >= ADDRESS_LIMIT) return -ENOEXEC;
    if (file_read_at(elf->file, to, segment->file_size, segment->offset) != (long)segment->file_size) return -ENOEXEC;
    return to[segment->file_size - 1] == 0 ? (long)segment->file_size : -ENOEXEC;
  }
  return 0;
}

u64 elf_headers_address(const struct elf *elf) {
  u64 offset = elf->header.segments_offset;
  for (unsigned i = 0; i < elf->header.segment_count; i++) {
    const struct elf_segment *segment = &elf->segments[i];
    if (segment->type == PT_LOAD && offset >= segment->offset && offset < segment->offset + segment->file_size)
      return elf->bias + segment->address + (offset - segment->offset);
  }
  return 0;
}
