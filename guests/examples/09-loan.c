/* Example 9: loans. `lender` lends pages to `borrower` through a stream, without a copy; the first comes back by itself, the
 * second is recalled while it is read. A loan costs the same whatever its size. */
#include "example.h"

enum { BYTES = 65536, MILLISECOND = 1000000 };

static int lender(void) {
  /* 4 KiB and more: aligned to 512th of its size at least, so that a capability covers exactly this. */
  static uint8_t pages[2][BYTES] __attribute__((aligned(4096)));
  long out = need("open", cvm_stream_open_send("pages")), loans[2];
  for (int i = 0; i < 2; i++) {
    memset(pages[i], 'a' + i, BYTES);
    /* -EAGAIN: nobody listens yet, or LOANS_OUT are out. */
    while ((loans[i] = cvm_loan_lend(out, pages[i], BYTES)) == -EAGAIN) cvm_sleep(10000);
    need("lend", loans[i]);
  }
  /* Until it is back the pages are better left alone: the borrower may be reading. */
  need("wait", cvm_loan_wait(out, loans[0], 0));
  cvm_printf("first loan is back\n");
  if (cvm_loan_wait(out, loans[1], 3 * MILLISECOND) == -ETIMEDOUT) need("recall", cvm_loan_recall(out, loans[1]));
  cvm_printf("second loan is recalled\n");
  memset(pages, 0, sizeof pages); /* nobody sees this */
  return 0;
}

static int borrower(void) {
  static uint8_t ring[64 + RING_CONTROL] __attribute__((aligned(16))), copy[BYTES];
  long in = need("open", cvm_stream_open_receive("pages", ring, sizeof ring)), got;
  /* A loan is a file handle that can be read. */
  long first = need("borrow", cvm_loan_borrow(in, 0));
  got = need("read", cvm_file_read(first, 0, copy, BYTES));
  cvm_printf("first loan: %ld bytes of %c\n", got, copy[got - 1]);
  need("return", cvm_file_close(first));

  long second = need("borrow", cvm_loan_borrow(in, 0));
  while ((got = cvm_file_read(second, 0, copy, BYTES)) == BYTES)
    if (copy[0] != 'b' || copy[BYTES - 1] != 'b') return 1;
  cvm_printf("second loan: %s\n", cvm_error_name(got));
  cvm_file_close(second);
  cvm_printf("no more: %s\n", cvm_error_name(cvm_loan_borrow(in, 0)));
  return 0;
}

int main(int argc, char **argv) {
  if (isRole(argc, argv, "lender")) return lender();
  if (isRole(argc, argv, "borrower")) return borrower();
  return 2;
}
