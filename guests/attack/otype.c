/* Otype confusion. The prototype sealed everything with one otype, so that any code went with any data; here every
 * pair has its own. argv: names of calls to bind first. */
#include "attack.h"

#define PROBES(X) \
  X(invoke_with_ddc, "own DDC sealed like the record, by CCSeal") \
  X(invoke_with_copied_type, "by CCopyType and CSeal") X(invoke_built, "by CBuildCap") \
  X(invoke_code_of_own, "own code sealed like the gate") \
  X(unseal_by_ddc_at_type, "CUnseal by DDC at the type's number") \
  X(unseal_by_sealed, "CUnseal by a sealed capability") X(sealed_narrowed, "CSetBounds of the record") \
  X(sealed_without_permissions, "CAndPerm of the record") X(sealed_flagged, "another mode for the code") \
  X(sealed_readdressed, "another address for the code") X(jump_to_sealed, "CJALR to the code") \
  X(load_by_sealed, "load by the record") X(store_by_sealed, "store by the record") \
  X(sealed_as_ddc, "the record as DDC") X(sentry_with_record, "a sealed entry with the record") \
  X(sentry_of_gate, "a sealed entry made of the code")
#define DECLARE(name, text) long name(long, long, long);
PROBES(DECLARE)
long invoke_slots(long, long, long), slot_tag(long, long, long);

static long slots[CLIST_SLOTS];
static unsigned count;

static void invokeAll(void) {
  for (unsigned i = 0; i < count; i++)
    for (unsigned j = 0; j < count; j++) {
      if (slots[j] == slots[i] + 1 && slots[i] % 2 == 0) continue; /* a pair, which is its own to invoke */
      const char *code = slots[i] % 2 == 0 ? "code" : "data", *data = slots[j] % 2 == 0 ? "code" : "data";
      cvm_printf("attempt: CInvoke %s with another's %s\n", code, data);
      if (survives(invoke_slots, slots[i], slots[j], 0)) result(1);
    }
}

int main(int argc, char **argv) {
  attack_begin();
  for (int i = 0; i < argc; i++)
    while (cvm_call_bind(argv[i]) == -EAGAIN) cvm_yield();
  cvm_stream_open_send("out");
  for (long slot = 0; slot < CLIST_SLOTS; slot++)
    if (slot_tag(slot, 0, 0)) slots[count++] = slot;
  announce("count the capabilities in its c-list");
  result(count);
  invokeAll();
#define HOSTCALL(name, text) attempt("hostcall gate: " text, name, SLOT_HOSTCALL_CODE, SLOT_HOSTCALL_DATA, 0);
#define RETURN(name, text) attempt("return gate: " text, name, SLOT_RETURN_CODE, SLOT_RETURN_DATA, 0);
#define CALL(name, text) attempt("call gate: " text, name, SLOT_CALL, SLOT_CALL + 1, 0);
  PROBES(HOSTCALL)
  PROBES(RETURN)
#define SEND(name, text) attempt("stream gate: " text, name, SLOT_STREAM, SLOT_STREAM + 1, 0);
  PROBES(CALL)
  PROBES(SEND)
  attack_end();
  return 0;
}
