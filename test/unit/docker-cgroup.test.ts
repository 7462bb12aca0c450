import { describe, expect, it } from 'vitest';
import { cgroupMounts, counterFiles, counters } from '../../src/services/docker/cgroup.ts';

const ID = 'f154b7e4d57d3382dc81fb33c26f28ae36dcb4499542a3d1a9f7e4c8bd5fd750';

const V2 = '35 24 0:30 / /sys/fs/cgroup rw,nosuid - cgroup2 cgroup2 rw,nsdelegate';
const V1 = [
  '33 32 0:29 / /sys/fs/cgroup/memory rw,nosuid shared:9 - cgroup cgroup rw,memory',
  '34 32 0:30 / /sys/fs/cgroup/cpu,cpuacct rw,nosuid - cgroup cgroup rw,cpu,cpuacct',
  '35 32 0:31 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw',
].join('\n');

const find = (mountinfo: string, procCgroup: string) =>
  counterFiles(cgroupMounts(mountinfo), procCgroup, ID, 42);

describe('counterFiles', () => {
  it('finds a version 2 group of the systemd driver', () => {
    expect(find(V2, `0::/system.slice/docker-${ID}.scope\n`)).toEqual({
      cpu: `/sys/fs/cgroup/system.slice/docker-${ID}.scope/cpu.stat`,
      memory: `/sys/fs/cgroup/system.slice/docker-${ID}.scope/memory.current`,
      memoryStat: `/sys/fs/cgroup/system.slice/docker-${ID}.scope/memory.stat`,
      network: '/proc/42/net/dev',
    });
  });

  it('finds version 1 groups of the cgroupfs driver below a nested parent, beside a version 2 one', () => {
    const path = `/apps/shop/${ID}`;
    const groups = `5:memory:${path}\n2:cpu,cpuacct:${path}\n1:name=systemd:${path}\n0::${path}\n`;
    expect(find(V1, groups)).toMatchObject({
      cpu: `/sys/fs/cgroup/cpu,cpuacct${path}/cpuacct.usage`,
      memory: `/sys/fs/cgroup/memory${path}/memory.usage_in_bytes`,
    });
  });

  it('counts the whole container where an init system inside moved itself one level down', () => {
    expect(find(V2, `0::/docker/${ID}/init.scope\n`)?.cpu).toBe(
      `/sys/fs/cgroup/docker/${ID}/cpu.stat`,
    );
  });

  it('follows a mount that shows only the part of a tree below an outer container', () => {
    const inside = V1.replaceAll(' / ', ' /rig/outer ');
    const path = `/rig/outer/docker/${ID}`;
    expect(find(inside, `5:memory:${path}\n2:cpu,cpuacct:${path}\n`)?.memory).toBe(
      `/sys/fs/cgroup/memory/docker/${ID}/memory.usage_in_bytes`,
    );
  });

  it('takes no other process for the container: its id must be in the path', () => {
    expect(find(V2, '0::/user.slice/user-1000.slice/session-1.scope\n')).toBeNull();
    expect(find(V2, '')).toBeNull();
    expect(find('', `0::/docker/${ID}\n`)).toBeNull();
  });
});

const NET = `Inter-|   Receive                                                |  Transmit
 face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed
    lo:    9000      10    0    0    0     0          0         0     9000      10    0    0    0     0       0          0
  eth0:    1000       9    0    0    0     0          0         0      500       4    0    0    0     0       0          0
  eth1:12345678901    9    0    0    0     0          0         0       50       4    0    0    0     0       0          0
docker0:  70000       9    0    0    0     0          0         0    70000       4    0    0    0     0       0          0
`;

describe('counters', () => {
  it('reads version 2: microseconds, and memory without inactive file pages', () => {
    const stat = 'anon 4096\nfile 900\nkernel 1\ninactive_anon 7\ninactive_file 600\nslab 2\n';
    const cpu = 'usage_usec 1500\nuser_usec 1000\nsystem_usec 500\n';
    expect(counters(cpu, '5000\n', stat, NET)).toEqual({
      cpuNs: 1_500_000,
      memoryBytes: 4400,
      receivedBytes: 12_345_679_901,
      sentBytes: 550,
    });
  });

  it('reads version 1: nanoseconds, and the total of the groups below', () => {
    const stat = 'cache 9\ninactive_file 1\ntotal_cache 9\ntotal_inactive_file 2000\n';
    expect(counters('26743886\n', '319488\n', stat, null)).toEqual({
      cpuNs: 26_743_886,
      memoryBytes: 317_488,
      receivedBytes: null,
      sentBytes: null,
    });
  });

  it('knows a container that is gone from a kernel that does not count memory', () => {
    expect(counters(null, '5000\n', '', NET)).toBeNull();
    expect(counters('1\n', null, null, NET)).toMatchObject({ cpuNs: 1, memoryBytes: null });
  });
});
