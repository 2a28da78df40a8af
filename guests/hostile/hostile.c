/* Tries to read and harm other cVMs in every way its author could think of. It is told where its victims are (argv:
 * absolute addresses), which a real attacker would have to find out. Prints each attempt before it makes it; what
 * stopped it stands in the monitor's audit, and what it got hold of in its last line. */
#include "cvm.h"

typedef long (*probe)(long, long, long);

int attempt_run(probe probe, long a0, long a1, long a2);
void attempt_fault(uint64_t cause, uint64_t value, uint64_t pc);
extern uint64_t attempt_result, attempt_cause[2];

/* The raw upper half of a capability to everything, as it would lie in memory. */
static const long ALMIGHTY_HIGH = (long)0xffff000000000000u;

#define PROBES(X)                                                                                                     \
  X(widen_bounds) X(point_elsewhere) X(replace_ddc) X(load_untagged) X(store_untagged) X(forge_in_memory)             \
  X(forge_partly) X(forge_set_high) X(forge_build) X(forge_from_pointer) X(add_permissions) X(store_capability)       \
  X(swap_capability) X(load_through_sealed) X(move_sealed) X(enter_elsewhere) X(unseal_by_ddc) X(seal_own_pair)       \
  X(jump_into_sealed) X(invoke_swapped) X(invoke_code_twice) X(invoke_unsealed) X(invoke_foreign_data)                \
  X(invoke_hostcall_return) X(invoke_return_hostcall) X(return_without_call) X(call_unbound) X(invoke_sentry)         \
  X(jump_offset) X(jump_capability) X(jump_data) X(return_elsewhere) X(return_capability) X(do_ecall) X(do_ebreak)    \
  X(read_mstatus) X(write_satp) X(write_utvec) X(read_mtcc) X(read_utcc) X(do_mret) X(do_sret) X(do_uret)             \
  X(do_sfence) X(do_wfi) X(capability_mode_load) X(load_tags) X(reserve_and_store) X(atomic_add) X(load_float)        \
  X(misaligned_load) X(load_byte) X(store_byte) X(write_code) X(look_into_registers) X(read_through_leftover)         \
  X(read_through_record)
#define DECLARE(name) long name(long, long, long);
PROBES(DECLARE)
long own_origin(void), own_base(void), own_length(void);

static unsigned attempts, faults, refusals, loot;

static void attempt(const char *name, probe probe, long a0, long a1) {
  attempts++;
  cvm_printf("attempt: %s\n", name);
  if (attempt_run(probe, a0, a1, 0)) {
    faults++;
  } else {
    if (attempt_result != 0) loot++;
    cvm_printf("result: 0x%lx\n", attempt_result);
  }
}

/* A hostcall that ought to be refused. */
static void refusedWith(const char *name, long number, long a0, long a1, long a2, long a3, long a4, long a5) {
  attempts++;
  cvm_printf("attempt: %s\n", name);
  long result = cvm_hostcall(a0, a1, a2, a3, a4, a5, 0, number);
  if (result < 0) refusals++;
  else loot++;
  cvm_printf("result: %ld\n", result);
}

static void refused(const char *name, long number, long a0, long a1, long a2) {
  refusedWith(name, number, a0, a1, a2, 0, 0, 0);
}

/* Integer accesses and jumps, at the victim's address as seen from here. */
static void attackByAddress(const char *victim, uint64_t address) {
  long relocated = (long)address - own_origin();
  cvm_printf("victim: %s at 0x%lx\n", victim, address);
  attempt("load a byte of the victim", load_byte, relocated, 0);
  attempt("store a byte into the victim", store_byte, relocated, 0);
  attempt("atomic add in the victim", atomic_add, relocated & -8, 0);
  attempt("load-reserved, store-conditional in the victim", reserve_and_store, relocated & -8, 0);
  attempt("floating-point load from the victim", load_float, relocated & -8, 0);
  attempt("misaligned load that straddles into the victim", misaligned_load, relocated & -8, 0);
}

static void jumpTo(uint64_t address) {
  long relocated = (long)address - own_origin();
  attempt("jump to the victim's address", jump_offset, relocated, 0);
  attempt("jump there by capability", jump_capability, (long)address, 0);
  attempt("let the switcher return there", return_elsewhere, relocated, 0);
}

static void attackByCapability(uint64_t address) {
  long target = (long)address;
  long span = target - own_base();
  attempt("widen DDC by CSetBounds", widen_bounds, target, span > 0 ? span + 4096 : own_length() + 1);
  attempt("point DDC's bounds elsewhere", point_elsewhere, target, 0);
  attempt("install a DDC pointed elsewhere", replace_ddc, target, 0);
  attempt("load through an integer", load_untagged, target, 0);
  attempt("store through an integer", store_untagged, target, 0);
  attempt("forge a capability in memory", forge_in_memory, target, ALMIGHTY_HIGH);
  attempt("forge half a capability", forge_partly, target, 0);
  attempt("forge by CSetHigh", forge_set_high, target, ALMIGHTY_HIGH);
  attempt("forge by CBuildCap", forge_build, target, ALMIGHTY_HIGH);
  attempt("forge by CFromPtr", forge_from_pointer, target, 0);
  attempt("read the victim's tags", load_tags, target, 0);
  attempt("capability mode, integer base", capability_mode_load, target, 0);
  attempt("leftover of a hostcall, pointed elsewhere", read_through_leftover, target, 0);
  attempt("user trap vector as authority", read_utcc, target, 0);
}

static void attackGates(void) {
  attempt("count capabilities left in registers", look_into_registers, 0, 0);
  attempt("load through the switcher's record register", read_through_record, 0, 0);
  attempt("load through a sealed handle", load_through_sealed, 0, 0);
  attempt("move a sealed handle", move_sealed, 0, 0);
  attempt("enter a gate behind its entry", enter_elsewhere, 0, 0);
  attempt("unseal with DDC", unseal_by_ddc, 0, 0);
  attempt("seal a pair of its own", seal_own_pair, 0, 0);
  attempt("jump into sealed code", jump_into_sealed, 0, 0);
  attempt("CInvoke, code and data swapped", invoke_swapped, 0, 0);
  attempt("CInvoke, code as data", invoke_code_twice, 0, 0);
  attempt("CInvoke, unsealed pair", invoke_unsealed, 0, 0);
  attempt("CInvoke, gate code with own data", invoke_foreign_data, 0, 0);
  attempt("CInvoke, sealed entry as code", invoke_sentry, 0, 0);
  attempt("CInvoke, hostcall gate with the return gate's record", invoke_hostcall_return, 0, 0);
  attempt("CInvoke, return gate with the hostcall gate's record", invoke_return_hostcall, 0, 0);
  attempt("return from a call that was not made", return_without_call, 0, 0);
  attempt("call through a handle that is not bound", call_unbound, 0, 0);
  attempt("return address far away", return_elsewhere, (long)0x123456789000, 0);
  attempt("return address is a capability", return_capability, 0, 0);
}

static void attackPrivilege(void) {
  attempt("store a capability", store_capability, 0, 0);
  attempt("swap a capability into memory", swap_capability, 0, 0);
  attempt("execute data", jump_data, 0, 0);
  attempt("make DDC executable", add_permissions, 0, 0);
  attempt("overwrite own code", write_code, 0, 0);
  attempt("ecall", do_ecall, 0, 0);
  attempt("ebreak", do_ebreak, 0, 0);
  attempt("read mstatus", read_mstatus, 0, 0);
  attempt("write satp", write_satp, 0, 0);
  attempt("write utvec", write_utvec, 0, 0);
  attempt("read the machine trap vector", read_mtcc, 0, 0);
  attempt("mret", do_mret, 0, 0);
  attempt("sret", do_sret, 0, 0);
  attempt("uret", do_uret, 0, 0);
  attempt("sfence.vma", do_sfence, 0, 0);
  attempt("wfi", do_wfi, 0, 0);
  attempt("load at null", load_byte, 0, 0);
  attempt("jump to null", jump_offset, 0, 0);
}

static void attackHostcalls(uint64_t address) {
  long foreign = (long)address - own_origin();
  long end = own_base() + own_length() - own_origin();
  long inside = (long)cvm_heap_begin();
  refused("console: print the victim", HOSTCALL_CONSOLE_WRITE, foreign, 64, 0);
  refused("console: absolute address", HOSTCALL_CONSOLE_WRITE, (long)address, 64, 0);
  refused("console: over the end", HOSTCALL_CONSOLE_WRITE, end - 8, 64, 0);
  refused("console: own text", HOSTCALL_CONSOLE_WRITE, 0x1000, 64, 0);
  refused("console: huge length", HOSTCALL_CONSOLE_WRITE, inside, (long)0x7fffffffffffffff, 0);
  refused("console: negative length", HOSTCALL_CONSOLE_WRITE, inside, -1, 0);
  refused("console: wraps around", HOSTCALL_CONSOLE_WRITE, -32, 64, 0);
  refused("entropy into the victim", HOSTCALL_ENTROPY, foreign, 64, 0);
  refused("entropy over the c-list's end of memory", HOSTCALL_ENTROPY, end - 1, 2, 0);
  refused("block on the victim's word", HOSTCALL_BLOCK, foreign & -4, 0, 1);
  refused("wake on the victim's word", HOSTCALL_WAKE, foreign & -4, 1, 0);
  refused("thread in the victim's code", HOSTCALL_THREAD_CREATE, foreign, end - 64, 0);
  refused("thread on the victim's stack", HOSTCALL_THREAD_CREATE, 0x1000, foreign & -16, 0);
  refused("fault handler elsewhere", HOSTCALL_ON_FAULT, foreign, 0, 0);
  refused("open a stream of others by name", HOSTCALL_STREAM_OPEN, (long)"data", 4, STREAM_SEND);
  refused("open a stream of others to receive", HOSTCALL_STREAM_OPEN, (long)"file", 4, STREAM_RECEIVE);
  refused("open with a name in the victim", HOSTCALL_STREAM_OPEN, foreign, 4, STREAM_SEND);
  refused("wait on a wild handle", HOSTCALL_STREAM_WAIT, -1, STREAM_SEND, 0);
  refused("close a wild handle", HOSTCALL_STREAM_CLOSE, (long)0x100000000, 0, 0);
  refused("lend through a handle not opened", HOSTCALL_LOAN_LEND, 0, inside, 64);
  refused("close a file not opened", HOSTCALL_FILE_CLOSE, 3, 0, 0);
  refused("open a file of others", HOSTCALL_FILE_OPEN, (long)"data", 4, FILE_READ);
  refused("advertise the victim as a file", HOSTCALL_FILE_ADVERTISE, (long)"data", 4, foreign);
  refused("wait in a file not opened", HOSTCALL_FILE_WAIT, 2, 0, 0);
  refused("poll items in the victim", HOSTCALL_POLL, foreign, 1, DO_NOT_WAIT);
  refused("offer a call without leave", HOSTCALL_CALL_OFFER, (long)"data", 4, 0x1000);
  refused("bind a call without leave", HOSTCALL_CALL_BIND, (long)"data", 4, 0);
  refused("bind with a name in the victim", HOSTCALL_CALL_BIND, foreign, 4, 0);
  /* The names that the cVMs of the main job use among themselves. */
  refused("send as a worker", HOSTCALL_STREAM_OPEN, (long)"left", 4, STREAM_SEND);
  refused("receive what a worker lends", HOSTCALL_STREAM_OPEN, (long)"left", 4, STREAM_RECEIVE);
  refused("read the shared blocks", HOSTCALL_FILE_OPEN, (long)"blocks", 6, FILE_READ);
  refused("change the shared blocks", HOSTCALL_FILE_OPEN, (long)"blocks", 6, FILE_WRITE);
  refusedWith("pass own memory off as the blocks", HOSTCALL_FILE_ADVERTISE, (long)"blocks", 6, inside, 64, 0, 0);
  refused("take the blocks from everybody", HOSTCALL_FILE_REVOKE, (long)"blocks", 6, 0);
  refused("call the checksum service", HOSTCALL_CALL_BIND, (long)"checksum", 8, 0);
  refusedWith("pose as the checksum service", HOSTCALL_CALL_OFFER, (long)"checksum", 8, 0x1000, end - 64, 0, 1);
  refused("unknown hostcall", 9999, 0, 0, 0);
  refused("unknown hostcall, negative", -1, 0, 0, 0);
}

/* Goes on for ever, now and then, anywhere in the victims. */
_Noreturn static void keepTrying(int victims, char **argv) {
  for (;;) {
    for (int i = 0; i + 1 < victims; i += 2) {
      uint16_t offset = 0;
      cvm_entropy(&offset, sizeof offset);
      cvm_sleep(1000000);
      long address = (long)cvm_parse_number(argv[i + 1]) + offset;
      attempt("load a byte of the victim", load_byte, address - own_origin(), 0);
      attempt("point DDC's bounds elsewhere", point_elsewhere, address, 0);
    }
  }
}

/* argv: name and address of each victim, in pairs; then "again" to go on for ever. */
int main(int argc, char **argv) {
  uint64_t first = 0;
  cvm_on_fault(attempt_fault);
  for (int i = 0; i + 1 < argc; i += 2) {
    uint64_t address = cvm_parse_number(argv[i + 1]);
    if (first == 0) first = address;
    attackByAddress(argv[i], address);
    jumpTo(address);
    attackByCapability(address);
  }
  attackByAddress("what follows its own memory", (uint64_t)(own_base() + own_length()));
  attackByAddress("what precedes its own memory", (uint64_t)own_base() - 16);
  attackGates();
  attackPrivilege();
  attackHostcalls(first != 0 ? first : (uint64_t)(own_base() + own_length()));
  cvm_printf("summary: attempts %u faults %u refusals %u loot %u\n", attempts, faults, refusals, loot);
  if (argc % 2 == 1 && strcmp(argv[argc - 1], "again") == 0) keepTrying(argc - 1, argv);
  return loot == 0 ? 0 : 1;
}
