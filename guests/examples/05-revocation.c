/* Example 5: a CP_File that is the owner's own memory. `owner` advertises a buffer, takes it back while `guest` reads it, and
 * advertises another. Who holds a file must expect -EREVOKED from every operation, even in the middle of a copy. */
#include "example.h"

enum { BYTES = 16384, MILLISECOND = 1000000 };

static int owner(void) {
  /* 4 KiB and more: on a page, so that a capability can cover exactly this. */
  static uint8_t ledger[BYTES] __attribute__((aligned(4096)));
  memset(ledger, 'a', BYTES);
  need("advertise", cvm_file_advertise("ledger", ledger, BYTES));
  cvm_sleep(MILLISECOND);
  need("revoke", cvm_file_revoke("ledger"));
  cvm_printf("taken back\n");
  /* From here on nobody but us reaches it: no register and no slot anywhere still does. */
  memset(ledger, 'b', BYTES);
  cvm_sleep(MILLISECOND);
  need("advertise", cvm_file_advertise("ledger", ledger, BYTES / 2));
  cvm_sleep(MILLISECOND);
  /* Its end takes the file away, too. */
  return 0;
}

/* A handle to the file as soon as it is there. */
static long openLedger(void) {
  long handle;
  while ((handle = cvm_file_open("ledger", FILE_READ)) == -EAGAIN) cvm_sleep(10000);
  return handle;
}

static int guest(void) {
  static uint8_t copy[BYTES];
  for (;;) {
    long ledger = openLedger();
    if (ledger == -EPIPE) return cvm_printf("the owner has ended\n"), 0;
    need("open", ledger);
    cvm_printf("open: %ld bytes\n", cvm_file_size(ledger));
    long got;
    while ((got = cvm_file_read(ledger, 0, copy, BYTES)) > 0)
      for (long i = 1; i < got; i++)
        if (copy[i] != copy[0]) cvm_printf("a torn copy\n"), cvm_exit(1);
    cvm_printf("it said %c, then: %s\n", copy[0], cvm_error_name(got));
    cvm_file_close(ledger); /* the handle is free for the next one */
  }
}

int main(int argc, char **argv) {
  if (isRole(argc, argv, "owner")) return owner();
  if (isRole(argc, argv, "guest")) return guest();
  return 2;
}
