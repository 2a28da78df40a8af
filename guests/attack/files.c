/* Shared files and loans: more than was given, and use after it was taken back. argv: "attack", or "owner": the
 * accomplice who owns "own" and lends through "loans". */
#include "attack.h"

long file_load(long, long, long), file_store(long, long, long), file_store_capability(long, long, long);
long file_load_capability(long, long, long), file_widen(long, long, long), file_execute(long, long, long);
long file_as_ddc_hostcall(long, long, long), hold_file(long, long, long);

static uint8_t memory[4096] __attribute__((aligned(4096)));
static uint8_t ring[1024 + RING_CONTROL] __attribute__((aligned(64)));

static void open(const char *name, const char *file, long rights) {
  announce(name);
  result(cvm_file_open(file, (int)rights));
}

static void advertise(const char *name, const char *file, long address, long size) {
  announce(name);
  result(cvm_hostcall((long)file, (long)strlen(file), address, size, 0, 0, 0, HOSTCALL_FILE_ADVERTISE));
}

static void word(const char *name, long number, long handle, long offset) {
  announce(name);
  result(cvm_hostcall(handle, offset, 0, DO_NOT_WAIT, 0, 0, 0, number));
}

static void beyondRights(void) {
  open("open to write what may only be read", "board", FILE_READ | FILE_WRITE);
  open("open with no rights", "board", 0);
  open("open with rights that do not exist", "board", 4);
  open("open the file of others", "private", FILE_READ);
  open("open a file that is not there", "nothing", FILE_READ);
  long board = cvm_file_open("board", FILE_READ), drop = cvm_file_open("drop", FILE_WRITE), slot = SLOT_FILE + board;
  attempt("store into what may only be read", file_store, slot, 0, 0);
  attempt("load from what may only be written", file_load, SLOT_FILE + drop, 0, 0);
  attempt("load behind a file", file_load, slot, 4096, 0);
  attempt("load across the end of a file", file_load, slot, 4092, 0);
  attempt("load before a file", file_load, slot, -8, 0);
  attempt("store behind a file", file_store, SLOT_FILE + drop, 4096, 0);
  attempt("store a capability into a file", file_store_capability, SLOT_FILE + drop, 0, 0);
  attempt("load a capability from a file", file_load_capability, slot, 0, 0);
  attempt("widen a file", file_widen, slot, 0, 0);
  attempt("execute a file", file_execute, slot, 0, 0);
  attempt("hostcall with a file as DDC", file_as_ddc_hostcall, slot, 0, 0);
  word("wait on a word behind a file", HOSTCALL_FILE_WAIT, board, 4096);
  word("wait on a word across the end", HOSTCALL_FILE_WAIT, board, 4094);
  word("wait on a word before a file", HOSTCALL_FILE_WAIT, board, -4);
  word("wait on a word at an odd place", HOSTCALL_FILE_WAIT, board, 2);
  word("wait on a word that it may not read", HOSTCALL_FILE_WAIT, drop, 0);
  word("notify a word far away", HOSTCALL_FILE_NOTIFY, board, (long)1 << 62);
  word("wait on a wild handle", HOSTCALL_FILE_WAIT, 16, 0);
  word("close a wild handle", HOSTCALL_FILE_CLOSE, -1, 0);
  advertise("advertise the file of others", "own", (long)memory, 4096);
  advertise("advertise a file of the host's", "board", (long)memory, 4096);
  advertise("advertise its c-list", "mine", (long)cvm_boot_page, 4096);
  advertise("advertise more than its memory", "mine", (long)memory, own_length());
  advertise("advertise its text", "mine", 0x1000, 4096);
  advertise("advertise nothing", "mine", (long)memory, 0);
  advertise("advertise everything", "mine", 0, -1);
  advertise("advertise what no capability covers", "mine", (long)memory + 1, 4096 * 3 + 1);
  announce("revoke the file of others");
  result(cvm_file_revoke("own"));
}

static void afterRevocation(void) {
  long own;
  while ((own = cvm_file_open("own", FILE_READ)) == -EAGAIN) cvm_yield();
  attempt("keep a file that it closed, in every register", hold_file, SLOT_FILE + own, HOSTCALL_FILE_CLOSE, own);
  own = cvm_file_open("own", FILE_READ);
  attempt("keep a file that the owner takes back, in every register", hold_file, SLOT_FILE + own, HOSTCALL_SLEEP, 100000);
  announce("open it again at once");
  result(cvm_file_open("own", FILE_READ));
  attempt("load through the empty slot", file_load, SLOT_FILE + own, 0, 0);
  announce("read through the library");
  result(cvm_file_read(own, 0, memory, 16));
}

static void loans(void) {
  long stream = cvm_stream_open_receive("loans", ring, sizeof ring);
  long loan = cvm_loan_borrow(stream, 0);
  attempt("store into a loan", file_store, SLOT_FILE + loan, 0, 0);
  attempt("load behind a loan", file_load, SLOT_FILE + loan, 256, 0);
  attempt("keep a loan that it returned", hold_file, SLOT_FILE + loan, HOSTCALL_FILE_CLOSE, loan);
  announce("return a loan twice");
  result(cvm_file_close(loan));
  loan = cvm_loan_borrow(stream, 0);
  attempt("keep a loan that is recalled", hold_file, SLOT_FILE + loan, HOSTCALL_SLEEP, 300000);
  announce("borrow where nothing is lent");
  result(cvm_hostcall(stream, 0, 0, 0, 0, 0, 0, HOSTCALL_LOAN_BORROW));
  announce("recall as the receiver");
  result(cvm_loan_recall(stream, 0));
  announce("lend as the receiver");
  result(cvm_loan_lend(stream, memory, 64));
}

/* The owner: lends, recalls, takes back; it does not wait for the attacker. */
static void serve(void) {
  cvm_file_advertise("own", memory, sizeof memory);
  cvm_sleep(60000);
  cvm_file_revoke("own");
  long stream = cvm_stream_open_send("loans");
  cvm_hostcall(stream, STREAM_SEND, 0, 0, 0, 0, 0, HOSTCALL_STREAM_WAIT); /* for the receiver's ring */
  long loan = cvm_loan_lend(stream, memory, 256);
  cvm_loan_wait(stream, loan, 0);
  loan = cvm_loan_lend(stream, memory, 256);
  cvm_sleep(200000);
  cvm_printf("recall: %ld\n", cvm_loan_recall(stream, loan));
  for (;;) cvm_sleep(1000000000);
}

int main(int argc, char **argv) {
  if (argc > 0 && strcmp(argv[0], "owner") == 0) serve();
  attack_begin();
  afterRevocation();
  beyondRights();
  loans();
  attack_end();
  return 0;
}
