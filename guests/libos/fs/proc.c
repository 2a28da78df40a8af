/* /proc and /sys: what programs read there. */
#include "fs/text.h"

static void write_cpuinfo(struct text *text, struct process *process) {
  text_print(text, "processor\t: 0\nhart\t\t: 0\nisa\t\t: rv64imafdc_zicsr_zifencei\nmmu\t\t: none\n\n");
}

static void write_meminfo(struct text *text, struct process *process) {
  size_t total = total_page_count() * 4, left = free_page_count() * 4;
  text_print(text, "MemTotal:       %8lu kB\nMemFree:        %8lu kB\nMemAvailable:   %8lu kB\n", total, left, left);
  text_print(text, "Buffers:               0 kB\nCached:                0 kB\nSwapTotal:             0 kB\nSwapFree:              0 kB\n");
}

static void write_uptime(struct text *text, struct process *process) {
  u64 hundredths = host_time() / 10000000;
  text_print(text, "%lu.%02lu 0.00\n", hundredths / 100, hundredths % 100);
}

static void write_stat(struct text *text, struct process *process) {
  u64 ticks = host_time() / 10000000;
  text_print(text, "cpu  %lu 0 0 0 0 0 0 0 0 0\ncpu0 %lu 0 0 0 0 0 0 0 0 0\nbtime %lu\n", ticks, ticks, (clock_realtime() - host_time()) / 1000000000);
}

static void write_hostname(struct text *text, struct process *process) {
  text_print(text, "%s\n", host_name());
}

static void write_mounts(struct text *text, struct process *process) {
  text_print(text, "rootfs / rootfs rw 0 0\nproc /proc proc rw 0 0\nsysfs /sys sysfs ro 0 0\ndevtmpfs /dev devtmpfs rw 0 0\n");
  for (const char *disk = config_next("disk", NULL); disk != NULL; disk = config_next("disk", disk)) {
    const char *place = strrchr(disk, ' ');
    if (place != NULL) text_print(text, "disk %s blockfs rw 0 0\n", place + 1);
  }
}

static const struct text_node proc_nodes[] = {
    {"/proc/cpuinfo", write_cpuinfo, NULL},
    {"/proc/meminfo", write_meminfo, NULL},
    {"/proc/uptime", write_uptime, NULL},
    {"/proc/stat", write_stat, NULL},
    {"/proc/mounts", write_mounts, NULL},
    {"/proc/loadavg", NULL, "0.00 0.00 0.00 1/1 1\n"},
    {"/proc/version", NULL, "Linux version 6.12.0 (capvm) #1\n"},
    {"/proc/filesystems", NULL, "nodev\trootfs\nnodev\tproc\nnodev\tsysfs\n\tblockfs\n"},
    {"/proc/net/dev", NULL, "Inter-|   Receive\n face |bytes\n"},
    {"/proc/sys/vm/overcommit_memory", NULL, "1\n"},
    {"/proc/sys/vm/max_map_count", NULL, "65530\n"},
    {"/proc/sys/fs/file-max", NULL, "65536\n"},
    {"/proc/sys/fs/pipe-max-size", NULL, "1048576\n"},
    {"/proc/sys/kernel/hostname", write_hostname, NULL},
    {"/proc/sys/kernel/ostype", NULL, "Linux\n"},
    {"/proc/sys/kernel/osrelease", NULL, "6.12.0\n"},
    {"/proc/sys/kernel/pid_max", NULL, "32768\n"},
    {"/proc/sys/kernel/ngroups_max", NULL, "65536\n"},
    {"/proc/sys/kernel/cap_last_cap", NULL, "40\n"},
    {"/proc/sys/net/core/somaxconn", NULL, "4096\n"},
    {"/proc/sys/net/ipv4/tcp_max_syn_backlog", NULL, "512\n"},
};

static const struct text_node sys_nodes[] = {
    {"/sys/kernel/mm/transparent_hugepage/enabled", NULL, "always madvise [never]\n"},
    {"/sys/devices/system/cpu/online", NULL, "0\n"},
    {"/sys/devices/system/cpu/possible", NULL, "0\n"},
    {"/sys/devices/system/clocksource/clocksource0/current_clocksource", NULL, "riscv_clocksource\n"},
    {"/sys/fs/cgroup", NULL, NULL},
};

static const struct inode_operations node_operations = {.open = text_node_open};

static struct file_system proc_system = {.name = "proc", .magic = 0x9fa0, .device = 21, .operations = &node_operations, .next_number = 1};
static struct file_system sys_system = {
    .name = "sysfs", .magic = 0x62656572, .device = 22, .operations = &node_operations, .is_read_only = true, .next_number = 1};

void proc_start(void) {
  struct inode *root = mount_new("/proc", &proc_system, 0555);
  text_nodes_make(proc_nodes, ARRAY_SIZE(proc_nodes));
  root->operations = &proc_root_operations; /* it has the processes too */
  root->is_backed = true;
  mount_new("/sys", &sys_system, 0555);
  text_nodes_make(sys_nodes, ARRAY_SIZE(sys_nodes));
  proc_system.next_number = sys_system.next_number = 0; /* programs add nothing */
}
