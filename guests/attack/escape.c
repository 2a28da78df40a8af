/* Escape: privileged instructions, CSRs and special capability registers, capability mode, memory that is written and
 * executed, bounds and permissions beyond DDC and PCC. argv: an absolute address of the victim. */
#include "attack.h"

#define PROBES(X) \
  X(do_ecall, "ecall") X(do_ebreak, "ebreak") X(compressed_ebreak, "c.ebreak") X(do_uret, "uret") \
  X(do_sret, "sret") X(do_hret, "hret") X(do_mret, "mret") X(do_dret, "dret") X(do_mnret, "mnret") \
  X(do_sfence, "sfence.vma") X(do_sinval, "sinval.vma") X(do_hfence, "hfence.vvma") X(do_custom_0, "custom-0") \
  X(do_custom_1, "custom-1") X(do_zeros, "all zeros") X(do_ones, "all ones") \
  X(do_ccall_trap, "reserved in the space of CClear") X(write_text, "write its own text") \
  X(write_text_by_pcc, "write its own text through PCC") X(read_text_by_pcc, "read its own text through PCC") \
  X(run_data, "execute what it wrote, after fence.i") X(run_data_by_address, "jump to data by address") \
  X(run_data_as_entry, "jump to data by a sealed entry") X(pcc_as_ddc, "PCC as DDC") X(ddc_as_pcc, "DDC as PCC") \
  X(widen_by_one, "CSetBounds, one byte more") X(widen_exactly, "CSetBoundsExact, one byte more") \
  X(widen_by_immediate, "CSetBoundsImm across the end") X(widen_below, "CSetBounds from below the beginning") \
  X(widen_by_rounding, "bounds that rounding moves outwards") X(widen_to_everything, "CSetBounds to everything") \
  X(wrap_around, "an address that wraps around and comes back") X(add_permissions, "CAndPerm with all permissions") \
  X(build_with_permissions, "CBuildCap with all permissions") X(set_high, "CSetHigh of a tagged capability") \
  X(from_null, "CSetBounds of null") X(capability_mode_integer_base, "capability mode, the victim by integer") \
  X(capability_mode_pcc_relative, "capability mode, load relative to PCC") \
  X(capability_mode_store, "capability mode, store through a return address") \
  X(capability_mode_ecall, "capability mode, ecall") \
  X(capability_mode_far_jump, "capability mode, jump far beyond PCC") \
  X(capability_mode_store_ddc, "capability mode, store DDC") \
  X(capability_mode_amo, "capability mode, swap DDC into memory") X(fall_off_text, "run off the end of its text")
#define DECLARE(name, text) long name(long, long, long);
PROBES(DECLARE)
long write_special(long, long, long);
extern const uint16_t csr_probes[2 * 4096 * 3];
extern const uint32_t special_read[32 * 4], special_write[32 * 4];

/* Tells only of those that can be used. */
static void scanCsrs(unsigned kind) {
  static const char *const kinds[] = {"read", "write"};
  for (unsigned number = 0; number < 4096; number++)
    if (survives((probe)&csr_probes[(kind * 4096 + number) * 3], 0, 0, 0))
      cvm_printf("attempt: %s CSR 0x%x\nresult: 0x0\nattempt: other CSRs\nresult: 0x0\n", kinds[kind], number);
}

static void scanSpecials(void) {
  for (unsigned number = 0; number < 32; number++) {
    if (survives((probe)&special_read[number * 4], 0, 0, 0))
      cvm_printf("attempt: read special register %u\nresult: 0x%lx\nattempt: other special registers\nresult: 0x0\n", number, try_result);
    if (survives(write_special, (long)&special_write[number * 4], 0, 0))
      cvm_printf("attempt: write special register %u\nresult: 0x%lx\nattempt: other special registers\nresult: 0x0\n", number, try_result);
  }
}

int main(int argc, char **argv) {
  long victim = argc > 0 ? (long)cvm_parse_number(argv[0]) : 0;
  attack_begin();
#define ATTEMPT(name, text) attempt(text, name, victim, 0, 0);
  PROBES(ATTEMPT)
  announce("other CSRs");
  for (unsigned kind = 0; kind < 2; kind++) scanCsrs(kind);
  announce("other special registers");
  scanSpecials();
  attack_end();
  return 0;
}
