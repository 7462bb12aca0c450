import { describe, expect, it } from 'vitest';
import { toProblem } from '../../src/errors.ts';
import { fullDiskOf, saysFullDisk } from '../../src/model/full-disk.ts';

describe('a full disk', () => {
  it('is known by the words of whoever met it', () => {
    const words = [
      'Error response from daemon: write /var/lib/docker/tmp/GetImageBlob4: no space left on device',
      'failed to register layer: Error processing tar file(exit status 1): write /usr/lib/node: no space left on device',
      'ERROR: failed to solve: failed to copy: write /var/lib/containerd/ingest/data: no space left on device: unknown',
      'npm error nospc ENOSPC: no space left on device, write',
      "dd: error writing '/filler': No space left on device",
      'cp: error writing ‘/srv/a’: Disk quota exceeded',
    ];
    expect(words.filter((each) => !saysFullDisk(each))).toEqual([]);
    const others = ['no such image', 'Out of memory', 'no space in the network 10.0.0.0/24'];
    expect(others.filter(saysFullDisk)).toEqual([]);
  });

  it('is known by the code of a file system’s error, and named by its file', () => {
    const error = Object.assign(new Error('ENOSPC: no space left on device, write'), {
      code: 'ENOSPC',
      path: '/srv/shop/.portsync/jobs/1.jsonl',
    });
    expect(fullDiskOf(error)).toEqual({ path: error.path });
    expect(fullDiskOf(new Error('ENOSPC'))).toBeNull();
    expect(fullDiskOf(null)).toBeNull();
    expect(toProblem(error)).toMatchObject({
      code: 'disk-full',
      message: `The disk of ${error.path} is full.`,
    });
  });
});
